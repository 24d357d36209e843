"""The tags: what they write, and that they escape what they are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.html import strip_tags
from django.utils.translation import override

from tahseel.channels.pages.values import Chart, Crumb, Series, Step
from tahseel.kernel.errors import NotAllowed
from tahseel.kernel.money import Money


def render(source: str, language: str = "en", **context: Any) -> str:
    with override(language):
        return Template("{% load i18n pages %}" + source).render(Context(context))


class Small(forms.Form):
    civil_id = forms.CharField(label="Civil number", help_text="12 digits", max_length=12)
    remark = forms.CharField(required=False)
    seen = forms.BooleanField(label="Seen")


def test_a_field_names_its_hint_and_its_error_to_a_reader() -> None:
    form = Small({"civil_id": "1" * 13}, auto_id="id_%s")

    html = render("{% field form.civil_id ltr=True %}", form=form)

    assert '<label for="id_civil_id">Civil number</label>' in html
    assert 'aria-describedby="id_civil_id-hint id_civil_id-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'dir="ltr"' in html
    assert 'id="id_civil_id-hint"' in html
    assert 'id="id_civil_id-error"' in html


def test_the_summary_of_errors_counts_in_arabic_as_arabic_counts() -> None:
    def title(data: dict[str, str]) -> str:
        form = Small(data)
        return strip_tags(render("{% error_summary form %}", "ar", form=form))

    assert "هناك خطأ واحد" in title({"civil_id": "1"})
    assert "هناك خطآن" in title({})
    assert title({"civil_id": "1", "seen": "on"}) == ""


def test_a_form_is_written_whole() -> None:
    html = render("{% fields form %}", form=Small())

    assert html.count('class="field') == 3
    assert "(optional)" in html
    assert "mistake" not in html


def test_what_people_typed_is_escaped_everywhere() -> None:
    bad = "<script>x</script>"
    sources = (
        "{% card title=bad %}{{ bad }}{% endcard %}",
        "{% kpi bad bad note=bad %}",
        "{% button bad href=bad %}",
        "{% notice title=bad %}{{ bad }}{% endnotice %}",
        "{% empty title=bad text=bad %}{% endempty %}",
        "{% verdict title=bad %}{% endverdict %}",
        "{% pill bad %}{% ref bad %}{% show bad %}",
        "{% input bad label=bad hint=bad value=bad error=bad %}",
        "{% search bad bad value=bad %}",
        "{% table label=bad %}{% endtable %}",
    )

    for source in sources:
        assert "<script" not in render(source, bad=bad), source


def test_a_refusal_is_announced_in_the_language_of_the_page() -> None:
    html = render("{% refusal error %}", "ar", error=NotAllowed())

    assert 'role="alert"' in html
    assert NotAllowed.text_ar in html


def test_the_figures_of_a_chart_are_also_a_table() -> None:
    chart = Chart(
        title="Use",
        labels=("May", "June"),
        series=(Series("This year", (1_500, None)), Series("Last year", (250, 3_000))),
        measure="money",
    )

    html = render("{% chart chart %}", chart=chart)
    table = html[html.index("<tbody") :].replace("</t", " </t")

    assert " ".join(strip_tags(table).split()) == "May KD 1.500 KD 0.250 June — KD 3.000"
    assert html.count('class="column"') == 3
    assert 'role="img"' in html


def test_the_course_of_things_says_what_it_took() -> None:
    steps = [Step("Posted", "done", took_ms=1800), Step("Told", "waiting")]

    html = render("{% timeline steps label='Release' %}", steps=steps)

    assert "1,800 ms" in strip_tags(html)
    assert 'data-state="waiting"' in html


def test_page_links_keep_the_rest_of_the_question() -> None:
    request = RequestFactory().get("/x?q=a%26b&page=9")
    page = Paginator(range(100), 10).get_page(2)

    html = render("{% pagination page %}", request=request, page=page)

    assert 'href="?q=a%26b&amp;page=3"' in html
    assert "page=9&" not in html
    assert '<span aria-current="page">' in html


def test_the_last_crumb_is_the_page_itself() -> None:
    html = render("{% breadcrumb crumbs %}", crumbs=[Crumb("Home", "/"), Crumb("Here", "/x")])

    assert '<a href="/">Home</a>' in html
    assert '<span aria-current="page">Here</span>' in html


def test_a_confirmation_posts_with_the_token_of_the_form() -> None:
    html = render(
        "{% confirm id='q' title='Lift?' action='/lift' submit='Lift' %}Sure{% endconfirm %}",
        csrf_token="token-of-the-page",
    )

    assert '<form method="post" action="/lift">' in html
    assert 'value="token-of-the-page"' in html


def test_a_figure_takes_a_value_of_any_kind() -> None:
    html = render("{% kpi 'Due' balance tone='bad' %}", balance=Money(33_936))

    assert 'data-tone="bad"' in html
    assert "KD 33.936" in strip_tags(html)


def test_names_in_two_languages_are_read_in_one() -> None:
    class Area:
        name_ar, name_en = "الفنطاس", "Fintas"

    assert render("{{ area|bilingual:'name' }}", "ar", area=Area()) == "الفنطاس"
    assert render("{{ area|bilingual:'name' }}", "en", area=Area()) == "Fintas"
