"""Certificates that ACM validates in a Route 53 zone, and the proof that it leaves there.

CloudFormation writes the validation record of a certificate whose zone it is told, and does not remove it with the
certificate. MiniStack writes none, so nothing would be left for anyone to clean up. A certificate without a zone is
issued at once, as if its record had been added by hand.

Replaces in `ministack.services`: `acm._validation_options` and CloudFormation's create of a certificate.
"""

from __future__ import annotations

import hashlib
from typing import Any

from ministack.services import acm, route53
from ministack.services.cloudformation import provisioners

Props = dict[str, Any]


def validation_options(domain: str, method: str) -> dict[str, Any]:
    """A domain's proof, in ACM's shape: the same for the same domain."""
    base = domain.removeprefix("*.")
    digest = hashlib.sha256(base.encode()).hexdigest()
    return {
        "DomainName": domain,
        "ValidationDomain": domain,
        "ValidationMethod": method,
        "ValidationStatus": "SUCCESS",
        "ResourceRecord": {
            "Name": f"_{digest[:32]}.{base}.",
            "Type": "CNAME",
            "Value": f"_{digest[32:]}.{digest[:10]}.acm-validations.aws.",
        },
    }


def _prove(domain: str, zone_id: str) -> None:
    """Adds a domain's validation record to a zone, or leaves the one that is there."""
    zone_id = provisioners._r53_normalize_hosted_zone_id(zone_id)
    if zone_id not in route53._zones:
        raise ValueError(
            f"The hosted zone {zone_id} does not exist, so the certificate for {domain} cannot be validated in it."
        )
    proof = validation_options(domain, "DNS")["ResourceRecord"]
    record = {"Name": proof["Name"], "Type": proof["Type"], "TTL": "300", "ResourceRecords": [proof["Value"]]}
    with route53._lock:
        others = [r for r in route53._records.get(zone_id, []) if route53._rs_key(r) != route53._rs_key(record)]
        route53._records[zone_id] = [*others, record]


def install() -> None:
    acm._validation_options = validation_options
    make = provisioners._acm_certificate_create

    def create(logical_id: str, props: Props, stack_name: str) -> tuple[str, dict[str, Any]]:
        for option in props.get("DomainValidationOptions") or []:
            if option.get("HostedZoneId"):
                _prove(option.get("DomainName") or props["DomainName"], option["HostedZoneId"])
        return make(logical_id, props, stack_name)

    provisioners._acm_certificate_create = create
    provisioners._RESOURCE_HANDLERS["AWS::CertificateManager::Certificate"]["create"] = create
