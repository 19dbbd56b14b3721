"""CloudFormation's operations are allowed only if the principal that it acts as has the rights.

Before an operation on a resource, each action that its handler requires is evaluated, on the action's ARNs and with its
condition keys. A denial fails the resource, with AWS's message.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, PrincipalInfo
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import ec2, iam, tagging
from ministack.services.cloudformation import provisioners

from . import handlers, launches, principals, reference, resource_arns, service_linked_roles

Props = dict[str, Any]
Asked = tuple[str, str, dict[str, Any]]
"""An action, its ARN, and condition keys other than tags."""

# Actions that AWS checks on a resource although the reference does not name its type: real denials name the topic, and
# CloudWatch's API has dashboards among the resources that can be tagged.
UNNAMED = {
    "topic": ("sns:Unsubscribe", "sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes"),
    "dashboard": ("cloudwatch:TagResource", "cloudwatch:UntagResource", "cloudwatch:ListTagsForResource"),
}
# The service to which a role is passed, by resource type.
PASSED_TO = {
    "AWS::AutoScaling::LifecycleHook": "autoscaling.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::IAM::InstanceProfile": "ec2.amazonaws.com",
    "AWS::Lambda::Function": "lambda.amazonaws.com",
    "AWS::SNS::Subscription": "sns.amazonaws.com",
}
BOUNDED = "iam:permissionsboundary"


def check(
    operation: str, resource_type: str, stack_name: str, logical_id: str, physical_id: str, old: Props, new: Props
) -> None:
    """Raises ValueError with CloudFormation's message if the stack's principal may not perform an operation."""
    principal = principals.of_stack(stack_name)
    if principal is None or not resource_type.startswith("AWS::"):
        return
    if operation == "delete" and _is_gone(resource_type, physical_id):
        # The handler reads first, and then has nothing to delete.
        return
    own = physical_id or _made_name(resource_type, stack_name, logical_id)
    for action, arn, keys in asked(operation, resource_type, own, physical_id, old, new):
        refuse_unless_allowed(principal, action, arn, {**tag_keys(action, arn, old, new), **keys})


def _is_gone(resource_type: str, physical_id: str) -> bool:
    stores = {
        "AWS::EC2::InternetGateway": ec2._internet_gateways,
        "AWS::EC2::LaunchTemplate": ec2._launch_templates,
        "AWS::EC2::RouteTable": ec2._route_tables,
        "AWS::EC2::SecurityGroup": ec2._security_groups,
        "AWS::EC2::Subnet": ec2._subnets,
        "AWS::EC2::VPC": ec2._vpcs,
    }
    return resource_type in stores and physical_id not in stores[resource_type]


def _made_name(resource_type: str, stack_name: str, logical_id: str) -> str:
    longest = MADE_NAMES.get(resource_type, 128)
    return provisioners._physical_name(stack_name, logical_id, max_len=longest)


# Maximum lengths of generated names, as in the handlers.
MADE_NAMES = {
    "AWS::AutoScaling::AutoScalingGroup": 255,
    "AWS::CloudWatch::Alarm": 255,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 32,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 32,
    "AWS::Events::Rule": 64,
    "AWS::IAM::Role": 64,
    "AWS::SNS::Topic": 256,
}


def asked(operation: str, resource_type: str, own: str, physical_id: str, old: Props, new: Props) -> Iterator[Asked]:
    """All permissions that an operation on a resource requires."""
    known = resource_arns.KNOWN.get(resource_type, lambda props, own: {})(new, own)
    of_ec2 = resource_arns.ec2(resource_type, new, physical_id)
    # A pattern (`ec2:Describe*`) is checked as it is: the handler may call any matching action.
    for action in handlers.actions(resource_type, operation, old, new):
        if action == "iam:PassRole":
            yield from _passed(resource_type, new)
        elif action == "iam:CreateServiceLinkedRole":
            yield from service_linked_roles.asked(resource_type)
        elif action in ("ec2:CreateTags", "ec2:DeleteTags"):
            yield from _tagged(action, resource_type, of_ec2, new)
        elif action == "ec2:RunInstances":
            yield from launches.asked(new)
        else:
            keys = _keys(action, resource_type, new, known)
            for arn in _arns(action, of_ec2 if action.startswith("ec2:") else known):
                yield action, arn, keys


def _arns(action: str, known: resource_arns.Arns) -> list[str]:
    """The resources that an action is checked against: each known type, or `*`."""
    for kind, actions in UNNAMED.items():
        if action in actions and kind in known:
            return known[kind]
    kinds = {kind: entry for kind, entry in (reference.kinds(action) or {}).items() if kind}
    found = [arn for kind in kinds for arn in known.get(kind, ())]
    if action.startswith("ec2:"):
        found += [
            resource_arns.ec2_arn(kind, "*") for kind, entry in kinds.items() if entry.required and not known.get(kind)
        ]
    return found or ["*"]


def _passed(resource_type: str, props: Props) -> Iterator[Asked]:
    if resource_type == "AWS::AutoScaling::AutoScalingGroup":
        yield from launches.passed(props)
        return
    arns = [str(arn) for arn in handlers.values(props, ("RoleArn", "RoleARN", "SubscriptionRoleArn"))]
    if resource_type == "AWS::Lambda::Function":
        arns = [str(props.get("Role"))]
    if resource_type == "AWS::IAM::InstanceProfile":
        arns = resource_arns.roles(props.get("Roles") or [])
    for arn in arns:
        yield "iam:PassRole", arn, {"iam:passedtoservice": PASSED_TO.get(resource_type, "")}


def _tagged(action: str, resource_type: str, of_ec2: resource_arns.Arns, props: Props) -> Iterator[Asked]:
    if resource_type == "AWS::AutoScaling::AutoScalingGroup":
        yield from launches.tagged(props)
        return
    kind = resource_arns.EC2_TYPES.get(resource_type)
    if kind:
        for arn in of_ec2[kind]:
            yield action, arn, {}


def _keys(action: str, resource_type: str, props: Props, known: resource_arns.Arns) -> dict[str, Any]:
    if reference.has_key(action, "iam:PermissionsBoundary") and known.get("role"):
        name = known["role"][0].rpartition("/")[2]
        bound = (iam._roles.get(name) or {}).get("PermissionsBoundary")
        if action in ("iam:CreateRole", "iam:PutRolePermissionsBoundary") or name not in iam._roles:
            bound = props.get("PermissionsBoundary") or bound
        return {BOUNDED: bound} if bound else {}
    if action == "route53:ChangeResourceRecordSets":
        return _record_keys(resource_type, props)
    return {}


def _record_keys(resource_type: str, props: Props) -> dict[str, Any]:
    names, types = [str(props.get("Name", "")).rstrip(".").lower()], [props.get("Type", "")]
    if resource_type == "AWS::CertificateManager::Certificate":
        domains = [props.get("DomainName", ""), *(props.get("SubjectAlternativeNames") or [])]
        names, types = [f"_{resource_arns.NEW}.{domain}" for domain in domains], ["CNAME"]
    return {
        "route53:changeresourcerecordsetsnormalizedrecordnames": names,
        "route53:changeresourcerecordsetsrecordtypes": types,
    }


def tag_keys(action: str, arn: str, old: Props, new: Props) -> dict[str, Any]:
    """Tags of the request and of the resource, if the action supports them; new resources have the request's."""
    asked = provisioners._tag_map(new.get("Tags") or new.get("ResourceTags"))
    keys: dict[str, Any] = {}
    if reference.has_key(action, "aws:RequestTag/"):
        keys.update({f"aws:requesttag/{name}".lower(): value for name, value in asked.items()})
        keys["aws:tagkeys"] = list(asked) or None
    if reference.has_key(action, "aws:ResourceTag/"):
        tags = tagging.resource_tags(arn)
        if tags is None and resource_arns.NEW in arn:
            tags = asked
        keys.update({f"aws:resourcetag/{name}".lower(): value for name, value in (tags or {}).items()})
    return keys


def refuse_unless_allowed(principal: PrincipalInfo, action: str, arn: str, keys: dict[str, Any]) -> None:
    """Raises ValueError with CloudFormation's message for a refused handler."""
    refusal = denial(principal, action, arn, keys)
    if refusal:
        service = action.partition(":")[0]
        raise ValueError(
            f'Resource handler returned message: "{refusal} (Service: {service.capitalize()}, Status Code: 403, '
            f'Request ID: {new_uuid()})" (RequestToken: {new_uuid()}, HandlerErrorCode: AccessDenied)'
        )


def denial(principal: PrincipalInfo, action: str, arn: str, keys: dict[str, Any]) -> str | None:
    """IAM's message for an action that a principal is not allowed. None: it is allowed."""
    context = EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=get_account_id(),
        action=action,
        resource_arn=arn,
        region=get_region(),
        service_context={"aws:tagkeys": None, **keys},
        principal_keys=principal.keys,
    )
    result = iam_evaluator.evaluate(context, principal.policies or [], *principal.limits)
    if result.decision == "Allow":
        return None
    if result.decision == "Deny":
        why = "with an explicit deny in an identity-based policy"
    elif iam_evaluator.evaluate(context, principal.policies or []).decision == "Allow":
        why = f"because no permissions boundary allows the {action} action"
    else:
        why = f"because no identity-based policy allows the {action} action"
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {arn} {why}"
