"""Walks the demo's page in headless Chromium: both ways to log in, a reload, calls, a channel, logging out.

The server under test: --demo --ping-interval 500 --auth-expiry 3600. With --screenshots FOLDER it leaves pictures there.
"""

import contextlib
import json
import os
import shutil
import tempfile
import urllib.parse

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from peer import check, equal, main, token
import peer

WAIT = 20
KEY = "asyngular.authToken"
browser = None


def start(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    # No sandbox of its own in a container whose user is root; /dev/shm may be tiny there.
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
                     "--window-size=1280,1120", "--lang=en-GB", "--no-proxy-server",
                     f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = shutil.which("chromedriver")
    if not options.binary_location or not driver:
        raise SystemExit("chromium or chromedriver is missing: run Scripts/setup --tests")
    browser = webdriver.Chrome(service=Service(driver), options=options)
    browser.set_page_load_timeout(WAIT)
    browser.set_script_timeout(WAIT)
    return browser


def page():
    url = urllib.parse.urlsplit(peer.options.url)
    return f"http://{url.netloc}/"


def element(identifier):
    return browser.find_element(By.ID, identifier)


def text(identifier):
    return element(identifier).get_attribute("textContent").strip()


def until(condition, what):
    """Waits for a condition; what is shown at the time of failure goes into the message."""
    try:
        WebDriverWait(browser, WAIT, poll_frequency=0.02).until(lambda _: condition())
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}; events: {text('log')!r}") from None


def until_text(identifier, expected):
    until(lambda: expected in text(identifier), f"{identifier} shows {expected!r}, not {text(identifier)!r}")


def click(identifier):
    until(lambda: element(identifier).is_enabled() and element(identifier).is_displayed(), f"{identifier} can be clicked")
    element(identifier).click()


def type_into(identifier, value):
    field = element(identifier)
    field.clear()
    field.send_keys(value)


def stored():
    return browser.execute_script("return localStorage.getItem(arguments[0])", KEY)


def picture(name):
    if peer.options.screenshots:
        os.makedirs(peer.options.screenshots, exist_ok=True)
        browser.save_screenshot(os.path.join(peer.options.screenshots, name + ".png"))


def fresh(token=None):
    """Opens the page with nothing stored, or with this token."""
    browser.get(page())
    until(lambda: text("connection-state") != "", "the page is there")
    browser.execute_script("localStorage.clear()")
    if token:
        browser.execute_script("localStorage.setItem(arguments[0], arguments[1])", KEY, token)
    browser.get(page())
    until(lambda: text("socket-id") != "", "the page is there")


def log_in(way, password="right"):
    type_into("username", "alice")
    type_into("password", password)
    click(f"login-{way}")


@check
def http_login_then_authenticated_in_the_handshake():
    fresh()
    until_text("auth-badge", "unauthenticated")
    equal(stored(), None, "stored token")
    picture("1-anonymous")
    log_in("http")
    until_text("auth-state", "authenticated in the handshake")
    equal(text("connection-badge"), "open")
    equal(json.loads(text("claims"))["username"], "alice")
    equal(text("who"), "alice")
    equal(text("expiry").startswith("in 00:59:") or text("expiry") == "in 01:00:00", True, text("expiry"))
    equal(stored().count("."), 2, "stored token")
    equal(len(text("socket-id")), 20, "socket id")


@check
def a_reload_keeps_the_identity():
    before = stored()
    socket = text("socket-id")
    browser.get(page())
    until_text("auth-state", "authenticated in the handshake")
    equal(stored(), before, "stored token")
    equal(text("socket-id") != socket, True, "another socket")
    until(lambda: int(text("pings")) >= 2, "pings are answered")
    equal(text("connection-badge"), "open")


@check
def calls_and_channels():
    type_into("echo-text", "Grüße, loop 👋")
    click("echo-send")
    until_text("echo-result", '"Grüße, loop 👋" in ')
    click("subscribe")
    until_text("subscribe", "Unsubscribe")
    for message in ("first", "second"):
        type_into("message", message)
        click("publish")
        until_text("messages", f"room/7: {message}")
    picture("2-authenticated")
    click("subscribe")
    until(lambda: text("subscribe") == "Subscribe", "unsubscribed")
    type_into("channel", "room/8")
    click("subscribe")
    until_text("channel-error", "Not allowed on room/8")
    equal(text("subscribe"), "Subscribe")


@check
def the_connection_comes_back_with_identity_and_channels():
    type_into("channel", "room/7")
    click("subscribe")
    until_text("subscribe", "Unsubscribe")
    socket = text("socket-id")
    click("disconnect")
    until_text("connection-badge", "closed")
    equal(text("auth-badge"), "unauthenticated")
    picture("3-closed")
    click("connect")
    until_text("auth-state", "authenticated in the handshake")
    equal(text("socket-id") != socket, True, "another socket")
    until_text("subscribe", "Unsubscribe")
    type_into("message", "after the pause")
    click("publish")
    until_text("messages", "after the pause")


@check
def logging_out_removes_the_token():
    click("logout")
    until_text("auth-badge", "unauthenticated")
    until(lambda: stored() is None, "the token is removed")
    equal(text("connection-badge"), "open")
    equal(text("claims"), "–")
    until_text("log", "#removeAuthToken")
    equal(element("login-form").is_displayed(), True)
    browser.get(page())
    until(lambda: text("stored") == "nothing", "nothing is stored")
    equal(text("connection-state"), "closed")


@check
def websocket_login():
    fresh()
    log_in("websocket")
    until_text("auth-state", "authenticated by the server")
    equal(stored().count("."), 2, "stored token")
    until_text("log", "#setAuthToken")
    equal(element("password").get_attribute("value"), "", "the password is not kept")
    picture("4-websocket-login")
    browser.get(page())
    until_text("auth-state", "authenticated in the handshake")


@check
def wrong_credentials():
    for way in ("http", "websocket"):
        fresh()
        log_in(way, password="wrong")
        until_text("login-error", "Invalid user credentials")
        equal(text("auth-badge"), "unauthenticated")
        equal(stored(), None, "stored token")
    picture("5-wrong-password")


@check
def a_bad_token_is_forgotten():
    fresh(token(key="another key that is long enough for HS256"))
    until_text("log", "Token refused: AuthTokenInvalidError")
    until(lambda: stored() is None, "the token is removed")
    equal(text("auth-badge"), "unauthenticated")
    equal(text("connection-badge"), "open")


@check
def an_identity_that_expires_is_lost():
    fresh(token(lifetime=4))
    until_text("auth-state", "authenticated in the handshake")
    until_text("auth-badge", "unauthenticated")
    until(lambda: stored() is None, "the token is removed")
    equal(text("connection-badge"), "open")


@check
def other_looks():
    """Nothing to compare with: the pictures are for the eye. The page must not be wider than the window, though."""
    fresh(token())
    until_text("auth-state", "authenticated in the handshake")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                            {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    picture("6-dark")
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 390, "height": 2000, "deviceScaleFactor": 1, "mobile": True})
    picture("7-narrow")
    equal(browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), True, "fits 390 px")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@check
def nothing_was_blocked_or_failed():
    """Violations of the content security policy and uncaught errors stand in the console."""
    lines = [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    equal([line for line in lines if "/login" not in line or "401" not in line], [])


if __name__ == "__main__":
    with contextlib.ExitStack() as stack:
        profile = tempfile.TemporaryDirectory(prefix="asyngular-page-", ignore_cleanup_errors=True)
        browser = start(stack.enter_context(profile))
        stack.callback(browser.quit)
        main(lambda parser: parser.add_argument("--screenshots", help="a folder for pictures"))
