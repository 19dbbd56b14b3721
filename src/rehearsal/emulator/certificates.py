"""Certificates that ACM validates in DNS, and their validation records.

CloudFormation writes the validation record of a certificate if the template names its zone, and does not delete it
with the certificate. MiniStack does not write it, so there would be no record to clean up. A certificate of
CloudFormation without a zone is issued immediately, as if its record had been added manually.

A certificate that is requested by the API is pending until its records exist, in a Route 53 zone of any account or at
the user's DNS provider. As on AWS, the records are generated a moment after the request. Certificates do not expire;
ACM's event of an expiring certificate is a fault that a scenario requests.

Replaces in `ministack.services`: `acm._validation_options`, `acm._request_certificate` and CloudFormation's create of a
certificate.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from ministack.core.responses import now_iso, request_scope
from ministack.services import acm, route53
from ministack.services.cloudformation import provisioners

from . import dns_provider, events, faults

Props = dict[str, Any]

# Days before expiry from which ACM sends events daily; 45 for all other types.
TOLD_FROM = {"AMAZON_ISSUED": 30}

_request = acm._request_certificate
# Events that were sent: certificate, and days before expiry.
_told: set[tuple[str, int]] = set()


def validation_options(domain: str, method: str) -> dict[str, Any]:
    """A domain's validation record in ACM's format: the same for the same domain."""
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
    """Adds a domain's validation record to a hosted zone, or keeps the existing one."""
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


def request(data: Props) -> Any:
    """RequestCertificate: like MiniStack's, but the certificate is pending."""
    answer = _request(data)
    if answer[0] < 400 and data.get("ValidationMethod") == "DNS":
        certificate = acm._certificates[json.loads(answer[2])["CertificateArn"]]
        certificate["Status"] = "PENDING_VALIDATION"
        for option in certificate["DomainValidationOptions"]:
            option["ValidationStatus"] = "PENDING_VALIDATION"
            option["_record"] = option.pop("ResourceRecord")
    return answer


def tick() -> None:
    _prove_pending()
    _tell_of_ends()


def _prove_pending() -> None:
    """Generates the validation records of new certificates, and issues those whose records all exist."""
    pending = [c for c in acm._certificates._data.values() if c["Status"] == "PENDING_VALIDATION"]
    found = _found() if pending else set()
    for certificate in pending:
        for option in certificate["DomainValidationOptions"]:
            record = option.setdefault("ResourceRecord", option.pop("_record", None))
            if (dns_provider.plain(record["Name"]), dns_provider.plain(record["Value"])) in found:
                option["ValidationStatus"] = "SUCCESS"
        if all(option["ValidationStatus"] == "SUCCESS" for option in certificate["DomainValidationOptions"]):
            certificate.update(Status="ISSUED", IssuedAt=now_iso())


def _tell_of_ends() -> None:
    """Sends an event once per certificate and day that the faults ask for; not earlier than ACM would."""
    for arn, days in faults.expiring():
        if (arn, days) not in _told and days <= first_told(arn):
            _told.add((arn, days))
            _, _, _, region, account, _ = arn.split(":", 5)
            with request_scope(account, region):
                events.certificate_ending(arn, days)


def first_told(arn: str) -> int:
    """Days before expiry of ACM's first event (ACM guide, "Supported events")."""
    found: dict[str, str] = next((one for key, one in acm._certificates._data.items() if arn in key), {})
    return TOLD_FROM.get(found.get("Type", "AMAZON_ISSUED"), 45)


def _found() -> set[tuple[str, str]]:
    """Every CNAME in DNS: name and value."""
    zones = {
        (dns_provider.plain(record["Name"]), dns_provider.plain(value["Value"] if isinstance(value, dict) else str(value)))
        for records in route53._records._data.values()
        for record in records
        if record["Type"] == "CNAME"
        for value in record.get("ResourceRecords", [])
    }
    return zones | {(record.name, record.value) for record in dns_provider.records() if record.type == "CNAME"}


def install() -> None:
    acm._validation_options = validation_options
    acm._request_certificate = request
    make = provisioners._acm_certificate_create

    def create(logical_id: str, props: Props, stack_name: str) -> tuple[str, dict[str, Any]]:
        for option in props.get("DomainValidationOptions") or []:
            if option.get("HostedZoneId"):
                _prove(option.get("DomainName") or props["DomainName"], option["HostedZoneId"])
        return make(logical_id, props, stack_name)

    provisioners._acm_certificate_create = create
    provisioners._RESOURCE_HANDLERS["AWS::CertificateManager::Certificate"]["create"] = create
