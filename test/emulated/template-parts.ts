/** Common resources of the templates of these tests. */

export const ref = (name: string) => ({ Ref: name });

export const attribute = (name: string, key: string) => ({ 'Fn::GetAtt': [name, key] });

/** The subnet of one zone in the network `Vpc`. */
export const subnet = (index: number) => ({
  Type: 'AWS::EC2::Subnet',
  Properties: {
    VpcId: ref('Vpc'),
    CidrBlock: `10.20.${index}.0/24`,
    AvailabilityZone: { 'Fn::Select': [index, { 'Fn::GetAZs': '' }] },
    MapPublicIpOnLaunch: true,
  },
});
