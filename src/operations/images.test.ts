import { describe, expect, it } from 'vitest';
import { imageChange } from './images.js';

const deployed = (ResolvedValue?: string) => ({
  Parameters: [
    { ParameterKey: 'HostedZoneId', ParameterValue: 'Z1' },
    {
      ParameterKey: 'SsmParameterValueawsservicedebianrelease13latestarm64',
      ParameterValue: '/aws/service/debian/release/13/latest/arm64',
      ...(ResolvedValue && { ResolvedValue }),
    },
  ],
});

describe('the image of machines, when Debian publishes a new one', () => {
  it('changes from the one that was deployed to the newest, and replaces no machine', () => {
    expect(imageChange(deployed('ami-old'), 'ami-new')).toEqual({
      deployed: 'ami-old',
      wanted: 'ami-new',
    });
  });

  it.each([
    ['it is the newest already', deployed('ami-new'), 'ami-new'],
    ['nothing is deployed', undefined, 'ami-new'],
    ['CloudFormation does not say which it was', deployed(), 'ami-new'],
    ['the region has none any more', deployed('ami-old'), undefined],
  ])('does not change if %s', (_, stack, newest) => {
    expect(imageChange(stack, newest)).toBeUndefined();
  });
});
