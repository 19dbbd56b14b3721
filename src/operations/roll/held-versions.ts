import type { Account } from '../../cloud/account.js';
import { type Group, type TemplateVersion, templateVersions } from '../../cloud/groups.js';
import type { Roll } from '../../contract/roll.js';
import type { Held } from '../../stack/held.js';
import type { Template } from '../synthesize.js';

/** Whether two templates describe different machines: whether a group's launch template differs. */
export function changesMachines(deployed: Template, wanted: Template): boolean {
  const described = ({ Resources }: Template) =>
    Object.fromEntries(
      Object.entries(Resources).flatMap(([id, { Type, Properties }]) =>
        Type === 'AWS::EC2::LaunchTemplate' ? [[id, stable(Properties)]] : [],
      ),
    );
  const [before, after] = [described(deployed), described(wanted)];
  return Object.keys(before).some((id) => id in after && after[id] !== before[id]);
}

/** A value as text that does not depend on the order of keys. */
const stable = (value: unknown): string =>
  JSON.stringify(value, (_, each) =>
    each && typeof each === 'object' && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

/** Whether two versions of a launch template launch the same machines. `anyImage`: even if from different images. */
export function launchSame(one: TemplateVersion, other: TemplateVersion, anyImage = false): boolean {
  const compared = ({ data }: TemplateVersion) => stable(anyImage ? { ...data, ImageId: undefined } : data);
  return one.version === other.version || compared(one) === compared(other);
}

/** Keys in the deployment's bucket that a version's user data names: node bundle, archive of packages, logo. */
export function filesOf({ data }: TemplateVersion): string[] {
  const script = Buffer.from(data.UserData ?? '', 'base64').toString('utf8');
  return [...new Set(script.match(/\b[0-9a-f]{64}\.[a-z0-9]+\b/g) ?? [])].sort();
}

/** What groups are held at: their versions before the roll, with the files that those need. */
export async function heldAt(account: Account, groups: readonly Group[], roll: Roll): Promise<Held> {
  const files = await Promise.all(
    groups.map(async ({ name, template }) => {
      const version = roll.from[name];
      const [held] = version ? await templateVersions(account, template, [version]) : [];
      return [name, held ? filesOf(held) : []] as const;
    }),
  );
  return { roll, files: Object.fromEntries(files) };
}
