"""Names the mail service behind a mail server: from the names in public MX records."""

from __future__ import annotations

from chalicelib.identity.domains import registrable_domain

#: The end of a mail server's name → the service, as the services' own set-up pages give the names.
_SERVICES = {
    "google.com": "Google",
    "googlemail.com": "Google",
    "outlook.com": "Microsoft",
    "mx.microsoft": "Microsoft",
    "mail.icloud.com": "Apple iCloud",
    "yahoodns.net": "Yahoo",
    "zoho.com": "Zoho",
    "zoho.eu": "Zoho",
    "zoho.in": "Zoho",
    "protonmail.ch": "Proton",
    "messagingengine.com": "Fastmail",
    "mimecast.com": "Mimecast",
    "mimecast.co.za": "Mimecast",
    "pphosted.com": "Proofpoint",
    "ppe-hosted.com": "Proofpoint",
    "barracudanetworks.com": "Barracuda",
    "iphmx.com": "Cisco",
    "messagelabs.com": "Symantec",
    "antispameurope.com": "Hornetsecurity",
    "hornetsecurity.com": "Hornetsecurity",
    "amazonaws.com": "Amazon",
    "secureserver.net": "GoDaddy",
    "kundenserver.de": "IONOS",
    "ionos.com": "IONOS",
    "rzone.de": "STRATO",
    "ovh.net": "OVHcloud",
    "gandi.net": "Gandi",
    "yandex.net": "Yandex",
    "yandex.ru": "Yandex",
    "qq.com": "Tencent",
    "mxhichina.com": "Alibaba",
}


def host_of(server: str) -> str:
    """``"aspmx.l.google.com"`` → ``"Google"``; for servers of others their domain: ``"mx.example.org"`` →
    ``"example.org"``.
    """
    labels = server.rstrip(".").split(".")
    ends = (".".join(labels[start:]) for start in range(len(labels)))
    found = next((_SERVICES[end] for end in ends if end in _SERVICES), "")
    return found or registrable_domain(server.rstrip("."))
