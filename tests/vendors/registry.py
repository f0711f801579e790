"""Every vendor of the test server. To add one: write its module and name its class here."""

from __future__ import annotations

from tests.vendors.apollo import Apollo
from tests.vendors.custom import Custom, CustomOne
from tests.vendors.dropcontact import Dropcontact
from tests.vendors.findymail import Findymail
from tests.vendors.fullcontact import FullContact
from tests.vendors.fullenrich import FullEnrich
from tests.vendors.gravatar import Gravatar
from tests.vendors.hunter import Hunter
from tests.vendors.icypeas import Icypeas
from tests.vendors.leadmagic import LeadMagic
from tests.vendors.pdl import PeopleDataLabs
from tests.vendors.prospeo import Prospeo
from tests.vendors.vendor import Vendor
from tests.vendors.zerobounce import ZeroBounce

VENDORS: tuple[type[Vendor], ...] = (
    *(PeopleDataLabs, Apollo, FullContact, Hunter, Gravatar, ZeroBounce),
    *(Findymail, LeadMagic, Prospeo),
    *(FullEnrich, Dropcontact, Icypeas),
    *(Custom, CustomOne),
)
