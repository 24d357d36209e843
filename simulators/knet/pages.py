"""The hosted page in Arabic and English. Every value is escaped; nothing runs in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from simulators.knet.bank import TEST_CARD, Payment
from simulators.knet.faults import LABELS, Fault

OTHER_CARD = "Other Bank [OTH1]"
WORDS: Mapping[str, Mapping[str, str]] = {
    "ar": {
        "title": "بوابة الدفع كي نت (محاكاة)",
        "brand": "كي نت",
        "heading": "إتمام الدفع ببطاقة السحب الآلي",
        "merchant": "الجهة",
        "amount": "المبلغ",
        "currency": "د.ك",
        "track": "رقم التتبع",
        "payment": "رقم الدفع",
        "bank": "البنك والبطاقة",
        "number": "رقم البطاقة",
        "expiry": "تاريخ انتهاء البطاقة",
        "month": "الشهر",
        "year": "السنة",
        "pin": "الرقم السري",
        "pin_hint": "أي أربعة أرقام",
        "pay": "ادفع",
        "cancel": "إلغاء",
        "other": "English",
        "note": "هذه محاكاة لا تتصل بأي بنك. تُقبل بطاقة الاختبار بتاريخ 09/2021 وتُرفض غيرها.",
        "failed": "تعذّر إتمام العملية",
        "with_fault": "خلل",
        "other_card": "بنك آخر (بطاقة مرفوضة)",
        "back": "العودة إلى موقع الجهة",
    },
    "en": {
        "title": "KNET payment page (simulated)",
        "brand": "KNET",
        "heading": "Pay with your debit card",
        "merchant": "Merchant",
        "amount": "Amount",
        "currency": "KD",
        "track": "Track ID",
        "payment": "Payment ID",
        "bank": "Bank and card",
        "number": "Card number",
        "expiry": "Card expiry",
        "month": "Month",
        "year": "Year",
        "pin": "PIN",
        "pin_hint": "Any four digits",
        "pay": "Pay",
        "cancel": "Cancel",
        "other": "العربية",
        "note": "A simulation without any bank. The test card is accepted with 09/2021 only.",
        "failed": "The payment could not be completed",
        "with_fault": "fault",
        "other_card": "Other bank (card is refused)",
        "back": "Back to the merchant",
    },
}


def language_of(langid: str) -> str:
    return "ar" if langid.upper().startswith("AR") else "en"


def payment_page(payment: Payment, *, language: str, merchant: str) -> str:
    w = WORDS[language]
    other = "en" if language == "ar" else "ar"
    switch = (
        f'<a href="?PaymentID={escape(payment.payment_id)}&amp;lang={other}"'
        f' lang="{other}" hreflang="{other}">{w["other"]}</a>'
    )
    amount = escape(payment.request["amt"])
    months = "".join(f"<option{_chosen(n == 9)}>{n:02d}</option>" for n in range(1, 13))
    years = "".join(f"<option{_chosen(n == 2021)}>{n}</option>" for n in range(2021, 2036))
    body = f"""
<h1>{w["heading"]}</h1>
<section><dl>
<dt>{w["merchant"]}</dt><dd>{escape(merchant)}</dd>
<dt>{w["amount"]}</dt><dd class="sum"><span class="num">{amount}</span> {w["currency"]}</dd>
<dt>{w["track"]}</dt><dd><span class="num">{escape(payment.track_id)}</span></dd>
<dt>{w["payment"]}</dt><dd><span class="num">{escape(payment.payment_id)}</span></dd>
</dl></section>
<section><form method="post" action="/kpg/paymentpage.htm" autocomplete="off">
<input type="hidden" name="PaymentID" value="{escape(payment.payment_id)}">
<label for="card">{w["bank"]}</label><select id="card" name="card">{_cards(language)}</select>
<label for="number">{w["number"]}</label>
<input id="number" name="number" class="num" inputmode="numeric" maxlength="16"
 value="8888880000000001">
<fieldset><legend>{w["expiry"]}</legend><div>
<span><label for="month">{w["month"]}</label>
<select id="month" name="month">{months}</select></span>
<span><label for="year">{w["year"]}</label>
<select id="year" name="year">{years}</select></span>
</div></fieldset>
<label for="pin">{w["pin"]}</label>
<input id="pin" name="pin" type="password" class="num" inputmode="numeric" maxlength="4"
 value="1234" aria-describedby="pin-hint">
<p class="hint" id="pin-hint">{w["pin_hint"]}</p>
<div class="row"><button class="pay" name="do" value="pay">{w["pay"]}</button>
<button name="do" value="cancel">{w["cancel"]}</button></div>
</form></section>
<p class="note">{w["note"]}</p>"""
    return _page(language, body, switch)


def error_page(code: str, text: str, *, language: str, back: str = "") -> str:
    w = WORDS[language]
    link = f'<p><a href="{escape(back)}">{w["back"]}</a></p>' if back else ""
    body = (
        f"<h1>{w['failed']}</h1><section>"
        f'<p class="num">{escape(code)}: {escape(text)}</p>{link}</section>'
    )
    return _page(language, body, "")


def _cards(language: str) -> str:
    w = WORDS[language]
    at = 0 if language == "ar" else 1
    options = []
    for fault in Fault:
        label = TEST_CARD
        if fault is not Fault.NONE:
            label = f"{TEST_CARD}: {w['with_fault']}: {LABELS[fault][at]}"
        value = f"{TEST_CARD}|{fault}"
        options.append(f'<option value="{escape(value)}">{escape(label)}</option>')
    options.append(f'<option value="{escape(OTHER_CARD)}">{w["other_card"]}</option>')
    return "".join(options)


def _chosen(chosen: bool) -> str:
    return " selected" if chosen else ""


def _page(language: str, body: str, switch: str) -> str:
    w = WORDS[language]
    direction = "rtl" if language == "ar" else "ltr"
    return f"""<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{w["title"]}</title><link rel="stylesheet" href="/knet.css"><link rel="icon" href="data:,">
</head><body><header class="bar"><div><strong>{w["brand"]}</strong>{switch}</div></header>
<main>{body}</main></body></html>"""
