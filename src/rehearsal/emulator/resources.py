"""CloudFormation resource types that MiniStack does not have, or provisions incompletely.

Adds to `provisioners._RESOURCE_HANDLERS`: composite alarms, budgets. Changes there: Auto Scaling groups (their target
groups, notifications, metrics, hooks, mixed instances, propagated tags), scheduled actions and event rules (refusals of
AWS), roles (their boundary), network load balancers (their names), target groups (their full name), hooks (instances
that wait at a deleted hook continue). Adds public parameters and images for Debian 13.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import alb, autoscaling, budgets, cloudwatch, ec2, iam, ssm
from ministack.services.cloudformation import provisioners

from . import group_api, groups, hooks, metric_data, mixed_instances, schedule

Props = dict[str, Any]
Provisioned = tuple[str, dict[str, Any]]

# The image is the rehearsal's; the parameter names are AWS's, and the owner is Debian.
DEBIAN_OWNER = "136693071363"
DEBIAN_13 = {"arm64": "ami-0deb1300000000a64", "amd64": "ami-0deb1300000000d64"}

# Letters, digits, dashes, underscores, array indices and wildcards: the JSONPath that EventBridge documents.
PATH = re.compile(r"^\$(\.[A-Za-z0-9_*-]+|\[(\d+|\*)\])*$")


def _create_composite_alarm(logical_id: str, props: Props, stack_name: str) -> Provisioned:
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    answer = cloudwatch._put_composite_alarm({}, {**props, "AlarmName": name}, False, True)
    if answer[0] >= 400:
        raise ValueError(json.loads(answer[2]).get("message", "the composite alarm was refused"))
    return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}


def _delete_composite_alarm(physical_id: str, props: Props) -> None:
    cloudwatch._composite_alarms.pop(physical_id, None)


def _budget(props: Props, name: str) -> dict[str, Any]:
    """Converts a template's budget to the API's, which has strings for numbers."""
    limit = {key: str(value) for key, value in props["Budget"].get("BudgetLimit", {}).items()}
    return {"BudgetName": name, **props["Budget"], "BudgetLimit": limit}


def _create_budget(logical_id: str, props: Props, stack_name: str) -> Provisioned:
    budget = _budget(props, provisioners._physical_name(stack_name, logical_id, max_len=100))
    notifications = props.get("NotificationsWithSubscribers", [])
    answer = budgets._create_budget(
        {"AccountId": get_account_id(), "Budget": budget, "NotificationsWithSubscribers": notifications}
    )
    if answer[0] >= 400:
        raise ValueError(answer[2].decode())
    return budget["BudgetName"], {}


def _update_budget(
    physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None
) -> Provisioned:
    """Updated in place, except for name and recipients, which require a replacement."""
    budget = _budget(new, physical_id)
    if budget["BudgetName"] != physical_id or new.get("NotificationsWithSubscribers") != old.get(
        "NotificationsWithSubscribers"
    ):
        return _create_budget(logical_id or "", new, stack_name)
    answer = budgets._update_budget({"AccountId": get_account_id(), "NewBudget": budget})
    if answer[0] >= 400:
        raise ValueError(answer[2].decode())
    return physical_id, {}


def _delete_budget(physical_id: str, props: Props) -> None:
    budgets._delete_budget({"AccountId": get_account_id(), "BudgetName": physical_id})


def _complete_group(name: str, props: Props) -> groups.Group:
    """Group properties that MiniStack's provisioner ignores."""
    group = autoscaling._asgs[name]
    group["_targets"] = list(props.get("TargetGroupARNs") or [])
    group["_notifications"] = [
        (topic, tuple(entry.get("NotificationTypes") or ()))
        for entry in props.get("NotificationConfigurations") or []
        for topic in (entry["TopicARN"] if isinstance(entry["TopicARN"], list) else [entry["TopicARN"]])
    ]
    group["EnabledMetrics"] = metric_data.enabled(props.get("MetricsCollection") or [])
    group["MixedInstancesPolicy"] = mixed_instances.policy(props.get("MixedInstancesPolicy"))
    for hook in props.get("LifecycleHookSpecificationList") or []:
        hook_name = hook["LifecycleHookName"]
        autoscaling._hooks[f"{name}/{hook_name}"] = autoscaling._hook_record(name, hook_name, hook)
    # Stack tags and CloudFormation's own tags are propagated; the template's have their own setting.
    own = {tag["Key"] for tag in props.get("Tags") or [] if "PropagateAtLaunch" in tag}
    for tag in group["Tags"]:
        if tag["Key"] not in own:
            tag["PropagateAtLaunch"] = True
    group_api.place(group)
    return group


def _live_groups(handler: dict[str, Any]) -> None:
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        _check_image(props)
        result = create(logical_id, props, stack_name)
        group = _complete_group(result[0], props)
        groups.resized(
            group,
            f"a user request created an AutoScalingGroup changing the desired capacity from 0 to {group['DesiredCapacity']}.",
        )
        return result

    def updated(
        physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None
    ) -> Provisioned:
        _check_image(new)
        before = (autoscaling._asgs.get(physical_id) or {}).get("DesiredCapacity", 0)
        result = update(physical_id, old, new, stack_name, logical_id)
        group = _complete_group(result[0], new)
        if "DesiredCapacity" not in new:
            # Without it in the template, the scaling policies control the size.
            group["DesiredCapacity"] = before
        group_api.constrained(group, before)
        return result

    handler.update(create=created, update=updated)
    provisioners._asg_create = created


def _check_image(props: Props) -> None:
    mixed = mixed_instances.policy(props.get("MixedInstancesPolicy"))
    try:
        mixed_instances.check({"LaunchTemplate": props.get("LaunchTemplate"), "MixedInstancesPolicy": mixed, "Instances": []})
    except ValueError as refusal:
        raise ValueError(f"{refusal} (Service: AutoScaling, Status Code: 400)") from refusal


def _checked_schedules(handler: dict[str, Any]) -> None:
    """Auto Scaling refuses an invalid recurrence or time zone; MiniStack accepts any string."""
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        schedule.check(props.get("Recurrence"), props.get("TimeZone"))
        return create(logical_id, props, stack_name)

    def updated(
        physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None
    ) -> Provisioned:
        schedule.check(new.get("Recurrence"), new.get("TimeZone"))
        return update(physical_id, old, new, stack_name, logical_id)

    handler.update(create=created, update=updated)
    # A replacement calls it by this name.
    provisioners._asg_scheduled_create = created


def _releasing_hooks(handler: dict[str, Any]) -> None:
    delete = handler["delete"]

    def deleted(physical_id: str, props: Props) -> None:
        hooks.release(props.get("AutoScalingGroupName", ""), physical_id)
        delete(physical_id, props)

    handler["delete"] = deleted


def _bounded_roles(handler: dict[str, Any]) -> None:
    """MiniStack honours the permissions boundary of a role, but not in a template."""
    create, update = handler["create"], handler["update"]

    def bound(name: str, props: Props) -> None:
        iam._roles[name]["PermissionsBoundary"] = props.get("PermissionsBoundary")

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        result = create(logical_id, props, stack_name)
        bound(result[0], props)
        return result

    def updated(
        physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None
    ) -> Provisioned:
        result = update(physical_id, old, new, stack_name, logical_id)
        bound(result[0], new)
        return result

    handler.update(create=created, update=updated)


def _full_name(arn: str) -> str:
    """`targetgroup/name/id`, as the metrics of a target group have it; MiniStack leaves out the first part."""
    return arn.rsplit(":", 1)[1]


def _typed_balancers(handler: dict[str, Any]) -> None:
    """MiniStack gives every load balancer an ARN of an application load balancer; policies distinguish the types by
    ARN."""
    create = handler["create"]

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        arn, attributes = create(logical_id, props, stack_name)
        if props.get("Type") != "network":
            return arn, attributes
        named = arn.replace(":loadbalancer/app/", ":loadbalancer/net/")
        alb._lbs[arn]["LoadBalancerArn"] = named
        for kept in (alb._lbs, alb._tags, alb._lb_attrs):
            kept[named] = kept.pop(arn)
        full_name = attributes["LoadBalancerFullName"].replace("app/", "net/", 1)
        return named, {**attributes, "Arn": named, "LoadBalancerArn": named, "LoadBalancerFullName": full_name}

    handler.update(create=created)


def _typed_listeners(handler: dict[str, Any]) -> None:
    """The same for listeners, whose ARNs start like their load balancer's."""
    create = handler["create"]

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        arn, attributes = create(logical_id, props, stack_name)
        if ":loadbalancer/net/" not in props["LoadBalancerArn"]:
            return arn, attributes
        named = arn.replace(":listener/app/", ":listener/net/")
        alb._listeners[arn]["ListenerArn"] = named
        for kept in (alb._listeners, alb._tags):
            kept[named] = kept.pop(arn)
        for rule in alb._rules.values():
            if rule["ListenerArn"] == arn:
                rule["ListenerArn"] = named
        return named, {**attributes, "Arn": named, "ListenerArn": named}

    handler.update(create=created)


def _checked_rules(handler: dict[str, Any]) -> None:
    """EventBridge refuses an input transformer with an invalid path; MiniStack accepts it."""
    create, update = handler["create"], handler["update"]

    def check(props: Props) -> None:
        for target in props.get("Targets") or []:
            for path in ((target.get("InputTransformer") or {}).get("InputPathsMap") or {}).values():
                if not PATH.match(path):
                    raise ValueError(
                        f"Invalid InputPathsMap argument : {path} is not a JSONPath that EventBridge can read: "
                        "a key may hold letters, digits, '-' and '_' only (Service: EventBridge, Status Code: 400)"
                    )

    def created(logical_id: str, props: Props, stack_name: str) -> Provisioned:
        check(props)
        return create(logical_id, props, stack_name)

    def updated(
        physical_id: str, old: Props, new: Props, stack_name: str, logical_id: str | None = None
    ) -> Provisioned:
        check(new)
        return update(physical_id, old, new, stack_name, logical_id)

    handler.update(create=created, update=updated)


def _debian() -> None:
    image_view = ec2._stub_image_view
    architectures = {DEBIAN_13["arm64"]: "arm64", DEBIAN_13["amd64"]: "x86_64"}
    ec2._stub_image_view = lambda *stub: {**image_view(*stub), "Architecture": architectures.get(stub[0], "x86_64")}
    for architecture, image in DEBIAN_13.items():
        ssm._PUBLIC_AMI_PARAMETERS[f"/aws/service/debian/release/13/latest/{architecture}"] = image
        name = f"debian-13-{architecture}"
        ec2._STUB_AMIS.append((image, name, "Debian 13 (trixie)", "", "/dev/xvda", DEBIAN_OWNER, None))


def install() -> None:
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::CloudWatch::CompositeAlarm"] = {"create": _create_composite_alarm, "delete": _delete_composite_alarm}
    handlers["AWS::Budgets::Budget"] = {"create": _create_budget, "update": _update_budget, "delete": _delete_budget}
    _live_groups(handlers["AWS::AutoScaling::AutoScalingGroup"])
    _checked_schedules(handlers["AWS::AutoScaling::ScheduledAction"])
    _releasing_hooks(handlers["AWS::AutoScaling::LifecycleHook"])
    _checked_rules(handlers["AWS::Events::Rule"])
    _bounded_roles(handlers["AWS::IAM::Role"])
    _typed_balancers(handlers["AWS::ElasticLoadBalancingV2::LoadBalancer"])
    _typed_listeners(handlers["AWS::ElasticLoadBalancingV2::Listener"])
    alb._target_group_full_name_from_arn = _full_name
    _debian()
