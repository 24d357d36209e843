"""Puts the parts together: the country's law and custom into the slices, keys into the cipher."""

from __future__ import annotations

from django.conf import settings

from tahseel.app.take_on import history as take_on_history
from tahseel.app.take_on import signing
from tahseel.books.claims import rules as claims
from tahseel.books.claims import values as claims_values
from tahseel.books.deposits import rules as deposits
from tahseel.books.deposits import values as deposits_values
from tahseel.books.deposits.operations import refunding
from tahseel.books.ledger import rules as ledger
from tahseel.books.ledger.operations import closing as ledger_closing
from tahseel.books.payments import facilities
from tahseel.books.payments import rules as payments
from tahseel.books.payments import values as payments_values
from tahseel.books.payments.gateways.knet import Knet, Terminal
from tahseel.books.transfers import guarding as transfers_guarding
from tahseel.books.transfers import rules as transfers
from tahseel.books.transfers.operations import moving as transfers_moving
from tahseel.books.transfers.operations import returning as transfers_returning
from tahseel.channels.services import guarding as services_guarding
from tahseel.channels.services import rules as services
from tahseel.channels.services import values as services_values
from tahseel.channels.timeline import tellers
from tahseel.charging.billing import doubt, explaining
from tahseel.charging.billing import operations as billing_operations
from tahseel.charging.billing import queries as billing_queries
from tahseel.charging.billing import rules as billing
from tahseel.charging.billing.operations import accruing, adopting, ordering, rebilling, releasing
from tahseel.charging.charges import rules as charges
from tahseel.charging.charges import values as charges_values
from tahseel.charging.charges.operations import asking as charges_asking
from tahseel.charging.charges.operations import paying_over as charges_paying_over
from tahseel.charging.charges.operations import reversing as charges_reversing
from tahseel.charging.sales import rules as sales
from tahseel.charging.sales import values as sales_values
from tahseel.consumption.appointments import rules as appointments
from tahseel.consumption.appointments import values as appointments_values
from tahseel.consumption.exceptions.operations import restating
from tahseel.consumption.field import rules as field
from tahseel.consumption.metrology import rules as metrology
from tahseel.consumption.metrology import watching as metrology_watching
from tahseel.consumption.metrology.operations import correcting as metrology_correcting
from tahseel.consumption.readings import bands, incidents, judging
from tahseel.countries.kuwait import country
from tahseel.kernel import secrets
from tahseel.recovery.clearance import partners, telling
from tahseel.recovery.clearance import rules as clearance
from tahseel.recovery.clearance import values as clearance_values
from tahseel.recovery.collections import guarding as collections_guarding
from tahseel.recovery.collections import rules as collections
from tahseel.recovery.collections import values as collections_values
from tahseel.recovery.government import guarding as government_guarding
from tahseel.recovery.government import values as government_values
from tahseel.registry.customers import operations as customer_operations
from tahseel.registry.customers import rules as customers
from tahseel.registry.customers.operations import correcting, merging, parting
from tahseel.registry.feeds import rules as feeds
from tahseel.registry.meters import guarding as meters
from tahseel.registry.premises import certificates, sharing
from tahseel.registry.premises import rules as premises
from tahseel.registry.premises import watching as premises_watching
from tahseel.registry.premises.operations import backdating, reshaping
from tahseel.registry.supply import guarding as supply_guarding
from tahseel.registry.supply import rules as supply
from tahseel.registry.supply import values as supply_values
from tahseel.registry.supply import watching as supply_watching
from tahseel.registry.supply.operations import backdating as supply_backdating
from tahseel.trust.access import rules as access_rules
from tahseel.trust.access import standing
from tahseel.trust.access import values as access
from tahseel.trust.notices import carriers
from tahseel.trust.notices import rules as notices_rules
from tahseel.trust.notices import values as notices
from tahseel.trust.notices.kwtsms import KwtSms, Subscription

HANGING = (
    *supply_values.HANGING,
    *appointments_values.HANGING,
    *claims_values.HANGING,
    *payments_values.HANGING,
    *deposits_values.HANGING,
    *charges_values.HANGING,
    *sales_values.HANGING,
    *collections_values.HANGING,
    *government_values.HANGING,
    *clearance_values.HANGING,
    *services_values.HANGING,
)
"""What of every slice moves, or is told of, when two records of one person are merged."""


def assemble() -> None:
    """Install what the lower folders may not look up themselves. Safe to call twice."""
    country.install()
    secrets.install_keys(secrets.KeyRing.load_or_create(settings.KEYS))
    roles = access_rules.load_roles(country.data("roles"))
    access.install_roles(roles)
    held = access_rules.load_duties(country.data("duties"), {role.code for role in roles})
    access.install_duties(held)
    notices.install_channels(notices_rules.load_channels(country.data("channels")))
    _open_the_books()
    billing.install_policy(billing.load_policy(country.content("billing"), book=country.price_book))
    doubt.install(doubt.load(country.content("closing")))
    explaining.install(explaining.load(country.content("explaining")))
    charges.install(charges.load(country.content("charges")))
    sales.install(sales.load(country.content("sales"), book=country.price_book))
    collections.install_strategy(collections.load_strategy(country.content("strategy")))
    clearance.install_policy(clearance.load_policy(country.content("gates")))
    services.install_catalogue(services.load_catalogue(country.content("services")))
    feeds.install_registries(
        feeds.load_registries(
            country.data("registries"),
            base_url=settings.REGISTRIES_URL,
            keys=settings.REGISTRIES_KEYS,
        )
    )
    supply.install_stop_reasons(supply.load_stop_reasons(country.content("disconnection")))
    certificates.install_policy(certificates.load_policy(country.content("certificates")))
    sharing.install_rule(sharing.load_rule(country.content("sectors")))
    bands.install_bands(bands.load_bands(country.content("bands")))
    judging.install_rules(judging.load_rules(country.content("validation")))
    incidents.install(incidents.load(country.content("meter_events")))
    premises.install_guards([supply_guarding.require_closed, meters.require_down])
    standing.install([customer_operations.require_standing])
    premises_watching.install(
        settled=[billing_queries.is_settled], watchers=[billing_operations.on_price_change]
    )
    metrology_watching.install([billing_operations.on_meter_error])
    supply_watching.install_watchers([billing_operations.on_payer_change])
    supply_watching.install_settled([billing_queries.names_another])
    telling.install(telling.load(country.data("messages")))
    customers.install_hanging(HANGING)
    customers.install_merge_guards(
        [supply_guarding.require_roles_apart, government_guarding.require_apart]
    )
    _open_the_field()
    _open_approvals()
    tellers.install_origins([take_on_history])
    _open_payments()
    _open_messages()
    _open_partners()


def _open_the_books() -> None:
    """The chart, how credit is used, deposits, and debts that move."""
    ledger.install_chart(ledger.load_chart(country.content("chart")))
    claims.install_credit_policy(claims.load_credit_policy(country.content("credit")))
    deposits.install_policy(deposits.load_policy(country.content("deposits")))
    transfers.install(transfers.load(country.content("transfers")))
    transfers_guarding.install(
        [collections_guarding.require_no_plan, services_guarding.require_no_fee]
    )


def _open_the_field() -> None:
    """Rounds of readers, tests of meters, and visits that are booked."""
    field.install_policy(field.load_policy(country.content("field")))
    metrology.install_policy(metrology.load_policy(country.content("metrology")))
    appointments.install_policy(appointments.load_policy(country.content("appointments")))


def _open_approvals() -> None:
    """What one asks for and another agrees to."""
    backdating.register()
    ledger_closing.register()
    reshaping.register()
    supply_backdating.register()
    accruing.register()
    charges_asking.register()
    charges_reversing.register()
    charges_paying_over.register()
    adopting.register()
    ordering.register()
    rebilling.register()
    releasing.register()
    correcting.register()
    refunding.register()
    restating.register()
    metrology_correcting.register()
    merging.register()
    parting.register()
    signing.register()
    transfers_moving.register()
    transfers_returning.register()


def _open_messages() -> None:
    mine = settings.SMS_SUBSCRIPTION
    subscription = Subscription(
        url=f"{settings.SMS_URL}/API/send/",
        username=mine["username"],
        password=mine["password"],
        sender=mine["sender"],
    )
    retry_codes = frozenset(country.data("messages")["carrier"]["retry_codes"])
    carriers.install({"sms": KwtSms(subscription, retry_codes)})


def _open_partners() -> None:
    found = partners.load_partners(country.data("partners"), settings.PARTNERS)
    partners.install(partners.Link(found, partners.load_or_create_key(settings.KEYS)))


def _open_payments() -> None:
    tenders = payments.load_tenders(country.content("tenders"))
    terminal = Terminal(
        payment_url=f"{settings.KNET_URL}/kpg/PaymentHTTP.htm?param=paymentInit",
        inquiry_url=f"{settings.KNET_URL}/kpg/tranPipe.htm?param=tranInit&",
        id=settings.KNET_TERMINAL["id"],
        password=settings.KNET_TERMINAL["password"],
        resource_key=settings.KNET_TERMINAL["resource_key"],
    )
    facilities.install(
        facilities.Facilities(
            gateways={"knet": Knet(terminal)},
            tenders={tender.code: tender for tender in tenders},
            public_url=settings.PUBLIC_URL,
        )
    )
