"""Actions that handlers of CloudFormation's resource types require, where they differ from their schemas.

A schema lists every action that a handler may ever call. Some are called only for certain properties.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from . import reference

Props = dict[str, Any]

NEVER = ()
"""Only for properties that convoke's templates do not use."""

# Properties, at any depth, that require an action; an update requires it if one of them changes.
ONLY_FOR: dict[str, dict[str, tuple[str, ...]]] = {
    "AWS::AutoScaling::AutoScalingGroup": {
        "autoscaling:EnableMetricsCollection": ("MetricsCollection",),
        "autoscaling:DisableMetricsCollection": ("MetricsCollection",),
        "autoscaling:*NotificationConfiguration": ("NotificationConfiguration", "NotificationConfigurations"),
        "autoscaling:*LoadBalancerTargetGroups": ("TargetGroupARNs",),
        "autoscaling:*LoadBalancers": ("LoadBalancerNames",),
        "autoscaling:*TrafficSources": ("TrafficSources",),
        "autoscaling:*LifecycleHook": ("LifecycleHookSpecificationList",),
        "autoscaling:DeleteTags": ("Tags",),
        # For an update policy, which is not a property.
        "autoscaling:*InstanceRefresh": NEVER,
        "autoscaling:SuspendProcesses": NEVER,
        "autoscaling:ResumeProcesses": NEVER,
        "cloudwatch:PutMetricAlarm": NEVER,
        "ec2:Get*": ("InstanceRequirements",),
        "managed-fleets:*": ("ManagedFleetConfiguration",),
        # If the launch template has no image; here the stack's parameter has it.
        "ssm:Get*": NEVER,
        "vpc-lattice:*": ("TrafficSources",),
    },
    "AWS::AutoScaling::LifecycleHook": {"iam:PassRole": ("RoleARN",)},
    "AWS::AutoScaling::ScalingPolicy": {"cloudwatch:GetMetricData": ("PredictiveScalingConfiguration",)},
    "AWS::CertificateManager::Certificate": {
        "acm-pca:*": ("CertificateAuthorityArn",),
        "route53:ChangeResourceRecordSets": ("HostedZoneId",),
        "acm:UpdateCertificateOptions": ("CertificateTransparencyLoggingPreference", "CertificateExport"),
        "acm:*Tags*Certificate": ("Tags",),
    },
    "AWS::CloudWatch::Dashboard": {"cloudwatch:*tagResource": ("Tags",), "cloudwatch:TagResource": ("Tags",)},
    "AWS::EC2::Subnet": {"ec2:*SubnetCidrBlock": ("Ipv6CidrBlock",)},
    "AWS::EC2::SubnetRouteTableAssociation": {"ec2:ReplaceRouteTableAssociation": NEVER},
    "AWS::EC2::VPC": {
        "ec2:CreateVpcEncryptionControl": ("VpcEncryptionControl",),
        "ec2:ModifyVpcTenancy": ("InstanceTenancy",),
    },
    "AWS::EC2::VPCGatewayAttachment": {"ec2:AttachVpnGateway": ("VpnGatewayId",), "ec2:DetachVpnGateway": ("VpnGatewayId",)},
    "AWS::EC2::SecurityGroup": {
        "ec2:AuthorizeSecurityGroupIngress": ("SecurityGroupIngress",),
        "ec2:RevokeSecurityGroupIngress": ("SecurityGroupIngress",),
        # A group is created with an egress rule for everything, which other rules replace.
        "ec2:AuthorizeSecurityGroupEgress": ("SecurityGroupEgress",),
        "ec2:RevokeSecurityGroupEgress": ("SecurityGroupEgress",),
    },
    "AWS::ElasticLoadBalancingV2::Listener": {
        "cognito-idp:*": ("AuthenticateCognitoConfig",),
        "elasticloadbalancing:ModifyListenerAttributes": ("ListenerAttributes",),
    },
    "AWS::ElasticLoadBalancingV2::ListenerRule": {"cognito-idp:*": ("AuthenticateCognitoConfig",)},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "elasticloadbalancing:ModifyCapacityReservation": ("MinimumLoadBalancerCapacity",),
        "elasticloadbalancing:ModifyIpPools": ("Ipv4IpamPoolId",),
        "elasticloadbalancing:SetSecurityGroups": ("SecurityGroups",),
        "elasticloadbalancing:SetSubnets": ("Subnets", "SubnetMappings"),
        "elasticloadbalancing:SetIpAddressType": ("IpAddressType",),
        "ec2:DescribeIpamPools": ("Ipv4IpamPoolId",),
    },
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "elasticloadbalancing:RegisterTargets": ("Targets",),
        "elasticloadbalancing:DeregisterTargets": ("Targets",),
    },
    "AWS::Events::Rule": {"iam:PassRole": ("RoleArn",), "events:UntagResource": ("Tags",), "events:TagResource": ("Tags",)},
    "AWS::IAM::Policy": {"iam:*RolePolicy": ("Roles",), "iam:*UserPolicy": ("Users",), "iam:*GroupPolicy": ("Groups",)},
    "AWS::IAM::Role": {
        "iam:PutRolePolicy": ("Policies",),
        "iam:DeleteRolePolicy": ("Policies",),
        "iam:GetRolePolicy": ("Policies",),
        "iam:AttachRolePolicy": ("ManagedPolicyArns",),
        "iam:DetachRolePolicy": ("ManagedPolicyArns",),
        "iam:*RolePermissionsBoundary": ("PermissionsBoundary",),
        "iam:UpdateRole": ("MaxSessionDuration", "Description"),
        "iam:UpdateRoleDescription": ("Description",),
        "iam:UpdateAssumeRolePolicy": ("AssumeRolePolicyDocument",),
        "iam:*TagRole": ("Tags",),
        "iam:UntagRole": ("Tags",),
    },
    "AWS::Lambda::Function": {
        "lambda:*FunctionConcurrency": ("ReservedConcurrentExecutions",),
        "lambda:PublishVersion": NEVER,
        "lambda:PutRuntimeManagementConfig": ("RuntimeManagementConfig",),
        "lambda:AssociateRuntimeAlias": ("RuntimeManagementConfig",),
        "lambda:PutFunctionRecursionConfig": ("RecursiveLoop",),
        "lambda:PutFunctionScalingConfig": ("FunctionScalingConfig",),
        "lambda:PassCapacityProvider": ("CapacityProviderConfig",),
        "lambda:GetLayerVersion": ("Layers",),
        "lambda:GetCodeSigningConfig": ("CodeSigningConfigArn",),
        "lambda:PutFunctionCodeSigningConfig": ("CodeSigningConfigArn",),
        "lambda:DeleteFunctionCodeSigningConfig": ("CodeSigningConfigArn",),
        "lambda:UntagResource": ("Tags",),
        "s3:GetObjectVersion": ("S3ObjectVersion",),
        "ec2:*": ("VpcConfig",),
        "elasticfilesystem:*": ("FileSystemConfigs",),
        "s3files:*": ("FileSystemConfigs",),
        "kms:*": ("KmsKeyArn", "SourceKMSKeyArn"),
    },
    "AWS::Logs::LogGroup": {
        "logs:PutDataProtectionPolicy": ("DataProtectionPolicy",),
        "logs:CreateLogDelivery": ("DataProtectionPolicy",),
        "s3:REST.PUT.OBJECT": ("DataProtectionPolicy",),
        "firehose:*": ("DataProtectionPolicy",),
        "logs:*KmsKey": ("KmsKeyId",),
        "logs:DeleteRetentionPolicy": ("RetentionInDays",),
        "logs:PutResourcePolicy": ("ResourcePolicyDocument",),
        "logs:DeleteResourcePolicy": ("ResourcePolicyDocument",),
        "logs:PutIndexPolicy": ("FieldIndexPolicies",),
        "logs:DeleteIndexPolicy": ("FieldIndexPolicies",),
        "logs:PutLogGroupDeletionProtection": ("DeletionProtectionEnabled",),
        "logs:PutBearerTokenAuthentication": ("BearerTokenAuthenticationEnabled",),
        "logs:UntagResource": ("Tags",),
    },
    "AWS::S3::Bucket": {
        "iam:PassRole": ("ReplicationConfiguration",),
        "s3:DeleteObject": NEVER,
        "s3:PutObjectAcl": NEVER,
        "s3:*BucketAcl": ("AccessControl",),
        "s3:*Abac": ("AbacStatus",),
        "s3:*Accelerate*": ("AccelerateConfiguration",),
        "s3:*Analytics*": ("AnalyticsConfigurations",),
        "s3:*CORS": ("CorsConfiguration",),
        "s3:*Cors": ("CorsConfiguration",),
        "s3:*Encryption*": ("BucketEncryption",),
        "s3:*IntelligentTiering*": ("IntelligentTieringConfigurations",),
        "s3:*Inventory*": ("InventoryConfigurations",),
        "s3:*Lifecycle*": ("LifecycleConfiguration",),
        "s3:*Logging": ("LoggingConfiguration",),
        "s3:*Metadata*": ("MetadataConfiguration", "MetadataTableConfiguration"),
        "s3:*MetricsConfiguration": ("MetricsConfigurations",),
        "s3:*Notification": ("NotificationConfiguration",),
        "s3:*ObjectLock*": ("ObjectLockConfiguration",),
        "s3:*OwnershipControls": ("OwnershipControls",),
        "s3:*PublicAccessBlock": ("PublicAccessBlockConfiguration",),
        "s3:*Replication*": ("ReplicationConfiguration",),
        "s3:*Versioning": ("VersioningConfiguration",),
        "s3:*Website": ("WebsiteConfiguration",),
        "s3tables:*": ("MetadataConfiguration", "MetadataTableConfiguration"),
        # Buckets are tagged with PutBucketTagging; these are for S3's other resources.
        "s3:TagResource": NEVER,
        "s3:UntagResource": NEVER,
        "s3:ListTagsForResource": NEVER,
    },
    "AWS::SNS::Subscription": {"iam:*Role": ("SubscriptionRoleArn",)},
    "AWS::SNS::Topic": {
        "iam:*Role": ("DeliveryStatusLogging",),
        "sns:Subscribe": ("Subscription",),
        "sns:Unsubscribe": ("Subscription",),
        # The handler ignores a refusal of the first (aws-cloudformation-resource-providers-sns, BaseHandlerStd).
        "sns:GetDataProtectionPolicy": NEVER,
        "sns:PutDataProtectionPolicy": ("DataProtectionPolicy",),
        "sns:UntagResource": ("Tags",),
        "sns:TagResource": ("Tags",),
    },
    "AWS::SSM::Parameter": {"ssm:*Tags*Resource": ("Tags",)},
    "AWS::SecretsManager::Secret": {
        "secretsmanager:GetRandomPassword": ("GenerateSecretString",),
        "secretsmanager:*Replicat*": ("ReplicaRegions",),
        "secretsmanager:UntagResource": ("Tags",),
    },
}

# Actions that services require of the caller but no schema declares.
BESIDES: dict[tuple[str, str], tuple[str, ...]] = {
    # "API permissions" of the Elastic Load Balancing guide; GetSecurityGroupsForVpc since autumn 2024
    # (kubernetes-sigs/aws-load-balancer-controller #3917).
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "create"): (
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:GetSecurityGroupsForVpc",
        "iam:CreateServiceLinkedRole",
    ),
    # "Launch template support" of the Auto Scaling guide: RunInstances is checked as if the caller launched.
    ("AWS::AutoScaling::AutoScalingGroup", "create"): ("ec2:CreateTags",),
    ("AWS::AutoScaling::AutoScalingGroup", "update"): ("ec2:CreateTags",),
}

# An operation returns the resource as it is read, so creating and updating include reading.
PARTS = {"create": ("create", "read"), "update": ("update", "read"), "delete": ("delete",)}


def actions(resource_type: str, operation: str, old: Props, new: Props) -> list[str]:
    """The actions that an operation (`create`, `update`, `delete`) requires. A pattern stands for all matching
    actions."""
    declared = (reference.schema(resource_type) or {}).get("handlers", {})
    asked = [action for part in PARTS[operation] for action in declared.get(part, {}).get("permissions", ())]
    asked += BESIDES.get((resource_type, operation), ())
    conditions = ONLY_FOR.get(resource_type, {})
    return [
        action
        for action in dict.fromkeys(asked)
        if all(
            _called(names, operation, old, new) for pattern, names in conditions.items() if fnmatchcase(action, pattern)
        )
    ]


def _called(names: tuple[str, ...], operation: str, old: Props, new: Props) -> bool:
    before, after = list(values(old, names)), list(values(new, names))
    return before != after if operation == "update" else bool(after)


def values(props: Any, names: tuple[str, ...]) -> Iterator[Any]:
    """Every value under one of these names, at any depth."""
    if isinstance(props, dict):
        for name, value in props.items():
            if name in names:
                yield value
            yield from values(value, names)
    elif isinstance(props, list):
        for item in props:
            yield from values(item, names)
