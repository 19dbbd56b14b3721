import { afterEach, describe, expect, it } from 'vitest';
import { type FakeAnswer, FakeApi, type FakeRequest } from '../../../test/fake-api.js';
import { forgetProofs, rememberProofs } from '../validation-records.js';
import { ingressKinds } from './ingress.js';
import { sweep } from './sweep.js';

const TARGET = { deployment: 'meet', domain: 'meet.example.org', zoneId: 'Z1' };
const OWN = 'arn:aws:acm:eu-central-1:123456789012:certificate/own';
const OTHER = 'arn:aws:acm:us-east-1:123456789012:certificate/cloudfront';
const PROOF = { Name: '_a1.meet.example.org.', Type: 'CNAME', Value: '_b2.acm-validations.aws.' };

interface Certificate {
  readonly arn: string;
  readonly names: readonly string[];
  readonly own?: boolean;
  readonly status?: string;
  readonly type?: string;
}

/** The operations on records and certificates of ACM, Route 53 and Parameter Store. */
class FakeAccount {
  certificates: Certificate[] = [];
  records = [PROOF.Name];
  private parameter: string | undefined;

  answer({ service, action, region, body }: FakeRequest): FakeAnswer {
    if (service === 'route53') return this.zone(action, body);
    const asked = JSON.parse(body);
    const certificate = this.certificates.find(({ arn }) => arn === asked.CertificateArn);
    switch (action) {
      case 'ListCertificates':
        return {
          body: {
            CertificateSummaryList: this.certificates
              .filter(({ arn }) => arn.split(':')[3] === region)
              .map(({ arn, names, status = 'ISSUED', type = 'AMAZON_ISSUED' }) => ({
                CertificateArn: arn,
                DomainName: names[0],
                SubjectAlternativeNameSummaries: names,
                Status: status,
                Type: type,
              })),
          },
        };
      case 'ListTagsForCertificate':
        return { body: { Tags: certificate?.own ? [{ Key: 'convoke:deployment', Value: 'meet' }] : [] } };
      case 'DescribeCertificate':
        return {
          body: {
            Certificate: {
              CertificateArn: certificate?.arn,
              DomainValidationOptions: [{ DomainName: 'meet.example.org', ResourceRecord: PROOF }],
            },
          },
        };
      case 'DeleteCertificate':
        this.certificates = this.certificates.filter((each) => each !== certificate);
        return { body: {} };
      case 'PutParameter':
        this.parameter = asked.Value;
        return { body: { Version: 1 } };
      case 'DeleteParameter':
        this.parameter = undefined;
        return { body: {} };
      default:
        return this.parameter
          ? { body: { Parameter: { Value: this.parameter } } }
          : { status: 400, body: { __type: 'ParameterNotFound' } };
    }
  }

  private zone(action: string, body: string): FakeAnswer {
    if (action.startsWith('POST')) {
      this.records = this.records.filter((name) => !body.includes(`<Name>${name}</Name>`));
      return {
        body: '<ChangeResourceRecordSetsResponse><ChangeInfo><Id>1</Id></ChangeInfo></ChangeResourceRecordSetsResponse>',
      };
    }
    const sets = this.records.map(
      (name) =>
        `<ResourceRecordSet><Name>${name}</Name><Type>CNAME</Type><TTL>300</TTL><ResourceRecords><ResourceRecord><Value>${PROOF.Value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`,
    );
    return {
      body: `<ListResourceRecordSetsResponse><ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated></ListResourceRecordSetsResponse>`,
    };
  }
}

let api: FakeApi | undefined;
afterEach(() => api?.stop());

async function start(certificates: Certificate[]) {
  const fake = new FakeAccount();
  fake.certificates = certificates;
  api = await FakeApi.start((request) => fake.answer(request));
  const { account } = api;
  const records = async () => {
    const kinds = ingressKinds.filter(({ name }) => name === 'DNS records' || name === 'certificates');
    return (await sweep(account, TARGET, { kinds })).find(({ kind }) => kind === 'DNS records');
  };
  return { fake, account, records };
}

const own: Certificate = { arn: OWN, names: ['meet.example.org'], own: true };

describe('the validation record of a certificate', () => {
  it('is deleted with the deployment’s own certificate', async () => {
    const { fake, records } = await start([own]);
    expect(await records()).toEqual({
      kind: 'DNS records',
      removed: ['_a1.meet.example.org. CNAME'],
      left: [],
    });
    expect(fake).toMatchObject({ records: [], certificates: [] });
  });

  it('is deleted after the certificate too, because it was stored before', async () => {
    const { fake, account, records } = await start([own]);
    await rememberProofs(account, TARGET);
    fake.certificates = [];
    // A second attempt finds no certificate, and must not forget what the first wrote down.
    await rememberProofs(account, TARGET);
    expect((await records())?.removed).toHaveLength(1);
    await forgetProofs(account, 'meet');
    fake.records = [PROOF.Name];
    expect((await records())?.kept).toHaveLength(1);
  });

  it.each<[string, Certificate[]]>([
    ['of the user’s certificate', [{ arn: `${OWN}2`, names: ['meet.example.org'] }]],
    [
      'that CloudFront’s certificate needs too',
      [own, { arn: OTHER, names: ['example.org', '*.meet.example.org'] }],
    ],
    [
      'that a certificate which is pending needs too',
      [own, { arn: OTHER, names: ['meet.example.org'], status: 'PENDING_VALIDATION' }],
    ],
    ['that did not prove anything that is known', []],
  ])('is left, with the reason, where it is one %s', async (_, certificates) => {
    const { fake, records } = await start(certificates);
    const swept = await records();
    expect(swept).toMatchObject({ removed: [], left: [] });
    expect(swept?.kept).toHaveLength(1);
    const needing = certificates.find((each) => !each.own);
    expect(swept?.kept?.[0]?.reason).toContain(
      needing?.arn ?? 'AWS has no record that it validated a certificate of this deployment',
    );
    expect(fake.records).toEqual([PROOF.Name]);
  });

  it.each<[string, Certificate]>([
    ['for another name', { arn: OTHER, names: ['example.org', '*.example.org'] }],
    ['that was imported', { arn: OTHER, names: ['meet.example.org'], type: 'IMPORTED' }],
    ['that has ended', { arn: OTHER, names: ['meet.example.org'], status: 'EXPIRED' }],
  ])('is not needed by a certificate %s', async (_, other) => {
    const { records } = await start([own, other]);
    expect((await records())?.removed).toHaveLength(1);
  });
});
