"""AWS CloudTrail becomes `AWSCloudTrail`.

Fields: docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
"""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Family, Mapping, Row, Shape

__all__ = ["FAMILY"]

_USER: Final = "userIdentity"
_SESSION: Final = "userIdentity.sessionContext"

_ROWS: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("EventName", "string", "{eventName}"),
    Row("EventSource", "string", "{eventSource}"),
    Row("EventTypeName", "string", "{eventType}"),
    Row("EventVersion", "string", "{eventVersion}"),
    Row("AwsEventId", "string", "{eventID}"),
    Row("AwsRequestId", "string", "{requestID}"),
    Row("AWSRegion", "string", "{awsRegion}"),
    Row("SourceIpAddress", "string", "{sourceIPAddress}"),
    Row("UserAgent", "string", "{userAgent}"),
    Row("ErrorCode", "string", "{errorCode}"),
    Row("ErrorMessage", "string", "{errorMessage}"),
    Row("RequestParameters", "string", "{requestParameters}"),
    Row("ResponseElements", "string", "{responseElements}"),
    Row("AdditionalEventData", "string", "{additionalEventData}"),
    Row("Resources", "string", "{resources}"),
    Row("APIVersion", "string", "{apiVersion}"),
    Row("ReadOnly", "bool", "{readOnly}"),
    Row("ManagementEvent", "bool", "{managementEvent}"),
    Row("Category", "string", "{eventCategory}"),
    Row("RecipientAccountId", "string", "{recipientAccountId}"),
    Row("SharedEventId", "string", "{sharedEventID}"),
    Row("VpcEndpointId", "string", "{vpcEndpointId}"),
    Row("ServiceEventDetails", "string", "{serviceEventDetails}"),
    Row("UserIdentityType", "string", f"{{{_USER}.type}}"),
    Row("UserIdentityPrincipalid", "string", f"{{{_USER}.principalId}}"),
    Row("UserIdentityArn", "string", f"{{{_USER}.arn}}"),
    Row("UserIdentityAccountId", "string", f"{{{_USER}.accountId}}"),
    Row("UserIdentityInvokedBy", "string", f"{{{_USER}.invokedBy}}"),
    Row("UserIdentityUserName", "string", f"{{{_USER}.userName}}"),
    Row("UserIdentityAccessKeyId", "string", f"{{{_USER}.accessKeyId}}"),
    Row("SessionCreationDate", "datetime", f"hl_time({{{_SESSION}.attributes.creationDate}})"),
    Row("SessionMfaAuthenticated", "bool", f"{{{_SESSION}.attributes.mfaAuthenticated}}"),
    Row("SessionIssuerType", "string", f"{{{_SESSION}.sessionIssuer.type}}"),
    Row("SessionIssuerPrincipalId", "string", f"{{{_SESSION}.sessionIssuer.principalId}}"),
    Row("SessionIssuerArn", "string", f"{{{_SESSION}.sessionIssuer.arn}}"),
    Row("SessionIssuerAccountId", "string", f"{{{_SESSION}.sessionIssuer.accountId}}"),
    Row("SessionIssuerUserName", "string", f"{{{_SESSION}.sessionIssuer.userName}}"),
    Row("TlsVersion", "string", "{tlsDetails.tlsVersion}"),
    Row("CipherSuite", "string", "{tlsDetails.cipherSuite}"),
    Row("ClientProvidedHostHeader", "string", "{tlsDetails.clientProvidedHostHeader}"),
    Row("Type", "string", "'AWSCloudTrail'"),
)

FAMILY: Final = Family(
    name="aws",
    doc="AWS CloudTrail",
    shapes=(
        Shape(
            "cloudtrail",
            "{eventName} is not null and {eventSource} is not null and {eventVersion} is not null",
            {"time": "coalesce(hl_time({eventTime}), hl_time({@timestamp+}))", "channel": "'cloudtrail'"},
        ),
    ),
    mappings=(Mapping("AWSCloudTrail", "channel = 'cloudtrail'", _ROWS),),
)
