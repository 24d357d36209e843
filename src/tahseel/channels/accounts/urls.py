"""Routes of the counter's page of an account."""

from django.urls import path

from tahseel.channels.accounts import (
    books,
    collective,
    groups,
    holding,
    ordering,
    parallel,
    parties,
    previewing,
    runs,
    selling,
    views,
    worklists,
)

app_name = "accounts"
urlpatterns = [
    path("desk/deposits/", worklists.deposit_work, name="deposit_work"),
    path("desk/bills/", worklists.bill_work, name="bill_work"),
    path("desk/bills/runs/", runs.bill_runs, name="bill_runs"),
    path("desk/bills/runs/progress/", runs.run_progress, name="run_progress"),
    path("desk/bills/runs/preview/", previewing.preview, name="preview"),
    path("desk/bills/runs/ask/", ordering.ask, name="ask_run"),
    path("desk/bills/runs/<uuid:order_id>/", ordering.ordered, name="ordered"),
    path("desk/bills/runs/<uuid:order_id>/course/", ordering.course, name="course"),
    path("desk/bills/runs/<uuid:order_id>/cancel/", ordering.cancel, name="cancel_run"),
    path("desk/parties/<slug:party>/", parties.statement, name="party"),
    path("desk/parties/<slug:party>/statement.csv", parties.statement_file, name="party_file"),
    path("desk/sales/", selling.sales_page, name="sales"),
    path("desk/bills/comparisons/", parallel.comparisons, name="comparisons"),
    path("desk/bills/comparisons/<uuid:comparison_id>/", parallel.comparison, name="comparison"),
    path("desk/books/", books.books, name="books"),
    path("desk/bills/held/", worklists.held_work, name="held_work"),
    path("desk/bills/held/<str:number>/<uuid:held_id>/", holding.held_bill, name="held_bill"),
    path("desk/bills/held/<str:number>/<uuid:held_id>/send/", holding.send, name="held_send"),
    path("desk/bills/held/<str:number>/<uuid:held_id>/again/", holding.again, name="held_again"),
    path("desk/accounts/<str:number>/", views.account, name="account"),
    path("desk/accounts/<str:number>/statement/", books.statement, name="statement"),
    path("desk/accounts/<str:number>/statement.json", books.statement_json, name="statement_json"),
    path("desk/accounts/<str:number>/group/", groups.group, name="group"),
    path("desk/accounts/<str:number>/collective/", collective.collective, name="collective"),
    path(
        "desk/accounts/<str:number>/collective.csv",
        collective.collective_file,
        name="collective_file",
    ),
    path("desk/accounts/<str:number>/move-in/", views.move_in, name="move_in"),
    path("desk/accounts/<str:number>/move-out/", views.move_out, name="move_out"),
    path("desk/accounts/<str:number>/acts/<slug:code>/", views.act, name="act"),
    path("desk/accounts/<str:number>/stop/", views.stop, name="stop"),
    path("desk/accounts/<str:number>/stops/<uuid:stop_id>/end/", views.end_stop, name="end_stop"),
    path(
        "desk/accounts/<str:number>/stops/<uuid:stop_id>/confirm/",
        views.confirm_stop,
        name="confirm_stop",
    ),
    path("desk/accounts/<str:number>/proposals/<uuid:proposal_id>/", views.decide, name="decide"),
]
