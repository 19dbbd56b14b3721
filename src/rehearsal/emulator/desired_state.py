"""The desired state, as `emulated-state.ts` defines it: machines, images, load balancers, targets and DNS names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import acm, alb, autoscaling, ec2, route53

from . import credentials, dns_provider, groups, images, instances, scope, security_groups, spot

JsonObject = dict[str, Any]

# Default idle timeouts of load balancers, in seconds.
IDLE_SECONDS = {"application": 60, "network": 350}


def build(credential_lifetime: float) -> JsonObject:
    """The desired state of all accounts and regions."""
    desired: JsonObject = {"instances": [], "images": [], "balancers": [], "targetGroups": [], "securityGroups": [], "names": []}
    accounts: set[str] = set()
    for account, _ in scope.scopes():
        machines, balancers = list(_instances(credential_lifetime)), list(_balancers())
        desired["instances"].extend(machines)
        desired["images"].extend(images.described())
        desired["balancers"].extend(balancers)
        desired["targetGroups"].extend(_target_groups())
        used = {group for each in (*machines, *balancers) for group in each["groups"]}
        desired["securityGroups"].extend(security_groups.described(used))
        if account not in accounts:
            accounts.add(account)
            desired["names"].extend(_names())
    desired["names"].extend(
        {"name": record.name, "target": record.value}
        for record in dns_provider.records()
        if record.type in ("A", "CNAME")
    )
    return desired


def _instances(credential_lifetime: float) -> Iterator[JsonObject]:
    lifecycle = {
        member["InstanceId"]: "Terminated" if groups.leaving(member) else "InService"
        for group in autoscaling._asgs.values()
        for member in group["Instances"]
    }
    for instance_id, record in ec2._instances.items():
        wanted = instances.wanted(record)
        if wanted is None:
            continue
        yield {
            "id": instance_id,
            "wanted": wanted,
            "imageId": record["ImageId"],
            "type": record["InstanceType"],
            "architecture": record["Architecture"],
            "zone": record["Placement"]["AvailabilityZone"],
            "region": get_region(),
            "account": get_account_id(),
            "privateIp": record["PrivateIpAddress"],
            "publicIp": record["PublicIpAddress"] or None,
            "groups": security_groups.ids(record["SecurityGroups"]),
            "userData": record.get("UserData") or "",
            "tokensRequired": bool(record.get("_tokens_required")),
            "tags": {tag["Key"]: tag["Value"] for tag in ec2._tags.get(instance_id, [])},
            "credentials": credentials.of(record, credential_lifetime) if wanted != "terminated" else None,
            "lifecycleState": lifecycle.get(instance_id),
            "market": record.get("_market", "on-demand"),
            "skipOsShutdown": record.get("_skip_os_shutdown", False),
            "interruption": spot.interruption(record),
        }


def _balancers() -> Iterator[JsonObject]:
    for arn, balancer in alb._lbs.items():
        attributes = {a["Key"]: a["Value"] for a in alb._lb_attrs.get(arn, [])}
        own = [listener for listener in alb._listeners.values() if listener["LoadBalancerArn"] == arn]
        yield {
            "arn": arn,
            "kind": balancer["Type"],
            "name": balancer["LoadBalancerName"],
            "dnsName": balancer["DNSName"],
            "groups": security_groups.ids(balancer.get("SecurityGroups") or []),
            "idleTimeout": int(attributes.get("idle_timeout.timeout_seconds", IDLE_SECONDS[balancer["Type"]])),
            "listeners": [described for listener in own if (described := _listener(listener))],
        }


def _listener(listener: JsonObject) -> JsonObject | None:
    """A listener, or None if its action is not emulated (a fixed response, a login)."""
    action = (listener.get("DefaultActions") or [{}])[0]
    redirect = action.get("RedirectConfig")
    if redirect:
        simulated = {
            "kind": "redirect",
            "protocol": redirect.get("Protocol", "#{protocol}"),
            "port": str(redirect.get("Port", "#{port}")),
            "status": int(str(redirect.get("StatusCode", "HTTP_301")).removeprefix("HTTP_")),
        }
    elif action.get("TargetGroupArn"):
        simulated = {"kind": "forward", "targetGroup": action["TargetGroupArn"]}
    else:
        return None
    names = [
        name
        for certificate in listener.get("Certificates", [])
        for name in (acm._certificates.get(certificate) or {}).get("SubjectAlternativeNames", [])
    ]
    return {
        "port": listener["Port"],
        "protocol": listener["Protocol"],
        "names": names,
        "action": simulated,
        "responses": list(_fixed_responses(listener["ListenerArn"])),
    }


def _fixed_responses(listener_arn: str) -> Iterator[JsonObject]:
    """The rules of a listener with a fixed response for paths, in order. Other rules are not emulated."""
    rules = [rule for rule in alb._rules.values() if rule["ListenerArn"] == listener_arn and not rule["IsDefault"]]
    for rule in sorted(rules, key=lambda one: int(one["Priority"])):
        response = (rule["Actions"] or [{}])[0].get("FixedResponseConfig")
        paths = [value for c in rule["Conditions"] if c["Field"] == "path-pattern" for value in c["Values"]]
        if response and paths:
            yield {
                "paths": paths,
                "status": int(response["StatusCode"]),
                "type": response.get("ContentType", "text/plain"),
                "body": response.get("MessageBody", ""),
            }


def _target_groups() -> Iterator[JsonObject]:
    for arn, group in alb._tgs.items():
        targets = []
        for target in alb._targets.get(arn, []):
            record = ec2._instances.get(target["Id"])
            if record and instances.state(record) == "running":
                port = int(target.get("Port", group["Port"]))
                targets.append({"id": target["Id"], "ip": record["PrivateIpAddress"], "port": port})
        yield {
            "arn": arn,
            "protocol": group["Protocol"],
            "healthCheck": {
                "path": group["HealthCheckPath"] if group["HealthCheckProtocol"].startswith("HTTP") else None,
                "interval": group["HealthCheckIntervalSeconds"],
                "timeout": group["HealthCheckTimeoutSeconds"],
                "healthy": group["HealthyThresholdCount"],
                "unhealthy": group["UnhealthyThresholdCount"],
                "codes": str((group.get("Matcher") or {}).get("HttpCode") or "200"),
            },
            "targets": targets,
        }


def _names() -> Iterator[JsonObject]:
    """Records of public hosted zones that point to a load balancer, an address or another name."""
    for zone_id, zone in route53._zones.items():
        if zone.get("private"):
            continue
        for record in route53._records.get(zone_id, []):
            if record["Type"] not in ("A", "CNAME"):
                continue
            alias = (record.get("AliasTarget") or {}).get("DNSName")
            values = [alias] if alias else record.get("ResourceRecords", [])
            for value in values[:1]:
                text = value["Value"] if isinstance(value, dict) else str(value)
                # CloudFormation's alias uses this prefix for both address families; the balancer's own name is
                # without it.
                yield {"name": record["Name"].rstrip("."), "target": text.rstrip(".").removeprefix("dualstack.")}
