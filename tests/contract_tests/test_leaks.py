"""What an error page gives away is told from what records hold."""

from __future__ import annotations

import json

import pytest

from contract_tests.answers.leaks import find_trace, find_words

DOTNET = (
    "System.NullReferenceException: Object reference not set to an instance of an object.\r\n"
    "   at Shop.Api.Controllers.OrdersController.Get(Int32 id) in D:\\src\\Shop\\OrdersController.cs:line 87"
)
TRACES = {
    ".NET": (DOTNET, "<h1>Server Error in '/' Application.</h1>"),
    "Java": (
        "java.lang.NullPointerException\n\tat com.shop.api.Orders.get(Orders.java:42)",
        "<h1>Whitelabel Error Page</h1>",
        "org.springframework.dao.DataIntegrityViolationException: could not execute",
    ),
    "PHP": (
        "<b>Fatal error</b>: Uncaught TypeError: x in <b>/var/www/html/a.php</b> on line <b>3</b>",
        "Stack trace:\n#0 /srv/a.php(12): get()\n#1 {main}",
        '{"exception":"Illuminate\\\\Database\\\\QueryException","file":"a"}',
    ),
    "Python": (
        'Traceback (most recent call last):\n  File "/srv/app.py", line 3, in get\n',
        "<p>because you have <code>DEBUG = True</code> in your settings",
    ),
    "Node.js": (
        "TypeError: Cannot read properties of undefined (reading 'id')\n    at get (/srv/app/orders.js:12:9)",
        "Error: no\n    at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)",
    ),
    "Ruby": ("app/controllers/orders_controller.rb:12:in `show'", "<h1>Action Controller: Exception caught</h1>"),
    "Go": ("panic: runtime error: index out of range [3]", "goroutine 12 [running]:\nmain.get()\n\t/srv/main.go:31"),
}


@pytest.mark.parametrize(("language", "text"), [(name, text) for name, texts in TRACES.items() for text in texts])
def test_a_trace_is_told_by_its_language(language: str, text: str) -> None:
    assert (find_trace(text) or ("",))[0] == language
    if "{" not in text:
        assert (find_trace(json.dumps({"error": {"description": text}})) or ("",))[0] == language


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("words of a database", "SQLSTATE[42S22]: Column not found"),
        ("words of a database", "You have an error in your SQL syntax; check the manual"),
        ("words of a database", "ORA-01722: invalid number"),
        ("words of a database", 'ERROR: syntax error at or near "WHERE"'),
        ("words of a database", "select failed: SELECT * FROM customers c WHERE id = 'x'"),
        ("a path of the server's files", "cannot open /var/www/shop/config/app.yml"),
        ("a path of the server's files", "cannot open C:\\inetpub\\shop\\web.config"),
        ("the page of a server's own error", "<html><head><title>502 Bad Gateway</title></head>"),
    ],
)
def test_other_words_of_the_inside_are_told(what: str, text: str) -> None:
    assert what in [name for name, _ in find_words(text, is_error=True)]


@pytest.mark.parametrize(
    "text",
    [
        "Call me at home (Flat 3) on line 2 of the form",
        "Warning: fragile. Leave at the door (No. 12)",
        "Java House, 12 Ruby Road, Go Street",
        "https://cdn.example.org/home/shop/logo.png",
        "The page_size is invalid. Select one from 1 to 100 where possible.",
        "Merchant API key isn't valid.",
        '{"image":"/media/home/a.png","note":"at 12:30:45 sharp"}',
    ],
)
def test_the_words_of_records_are_none(text: str) -> None:
    assert find_trace(text) is None and not list(find_words(text, is_error=False))


def test_paths_are_told_in_errors_only() -> None:
    text = "stored as /var/www/shop/a.pdf"
    assert list(find_words(text, is_error=True)) and not list(find_words(text, is_error=False))
