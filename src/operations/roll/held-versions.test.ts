import { describe, expect, it } from 'vitest';
import { changesMachines, filesOf, launchSame } from './held-versions.js';

const template = (more: object) => ({
  Resources: {
    Template: {
      Type: 'AWS::EC2::LaunchTemplate',
      Properties: { LaunchTemplateData: { InstanceType: 'c7g.large', UserData: 'one', ...more } },
    },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
});

describe('changesMachines', () => {
  it('notices another launch template, and nothing else', () => {
    expect(changesMachines(template({}), template({}))).toBe(false);
    expect(changesMachines(template({}), template({ UserData: 'two' }))).toBe(true);
    const reordered = { Resources: { Template: template({}).Resources.Template } };
    expect(changesMachines(template({}), reordered)).toBe(false);
  });

  it('does not take a new group for a change of machines', () => {
    const more = { Resources: { ...template({}).Resources, Other: { Type: 'AWS::EC2::LaunchTemplate' } } };
    expect(changesMachines(template({}), more)).toBe(false);
  });
});

describe('a version of a launch template', () => {
  it('is the same as another with the same data, whatever their numbers', () => {
    const one = { version: '1', data: { ImageId: 'ami-1', UserData: 'x' } };
    expect(launchSame(one, { version: '3', data: { UserData: 'x', ImageId: 'ami-1' } })).toBe(true);
    const newerImage = { version: '2', data: { ImageId: 'ami-2', UserData: 'x' } };
    expect(launchSame(one, newerImage)).toBe(false);
    expect(launchSame(one, newerImage, true)).toBe(true);
    expect(launchSame(one, { version: '2', data: { ImageId: 'ami-1', UserData: 'y' } }, true)).toBe(false);
  });

  it('names the files that its machines fetch', () => {
    const [bundle, archive] = ['a'.repeat(64), 'b'.repeat(64)];
    const script = `fetch 'https://bucket.s3/${bundle}.mjs' '${bundle}'\n{"key":"${archive}.zip"}\n`;
    const data = { UserData: Buffer.from(script).toString('base64') };
    expect(filesOf({ version: '1', data })).toEqual([`${bundle}.mjs`, `${archive}.zip`]);
  });
});
