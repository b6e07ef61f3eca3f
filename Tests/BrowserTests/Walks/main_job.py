"""Walks through the main job in a real browser: sign in by link, found an organization, invite two people, let one join, change a role, find out who did it.

Usage: main_job.py ADDRESS SIGN_IN_LINK [--screenshots FOLDER] [--width PIXELS] [--dark] [--no-script]
Ends with 0 when everything was there, and says on the first failure what was missing.
"""

import argparse
import sys

from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("address")
parser.add_argument("link")
parser.add_argument("--screenshots")
parser.add_argument("--width", type=int, default=1280)
parser.add_argument("--dark", action="store_true")
parser.add_argument("--no-script", action="store_true")
parser.add_argument("--name", default="Walkers")
options = parser.parse_args()

taken = 0


def shot(page, name):
    """Keeps a picture of the page, numbered in the order of the walk."""
    global taken
    taken += 1
    if options.screenshots:
        page.screenshot(path=f"{options.screenshots}/{taken:02}-{name}.png", full_page=True)


def walk(browser):
    settings = {
        "viewport": {"width": options.width, "height": 900},
        "color_scheme": "dark" if options.dark else "light",
        "java_script_enabled": not options.no_script,
    }
    founder = browser.new_context(**settings).new_page()
    problems = []
    founder.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

    founder.goto(options.link)
    shot(founder, "link")
    founder.get_by_role("button", name="Sign in").click()
    founder.wait_for_load_state()
    shot(founder, "home")

    founder.goto(f"{options.address}/organizations/new")
    founder.get_by_label("Name", exact=True).fill(options.name)
    shot(founder, "found")
    founder.get_by_role("button", name="Create organization").click()
    expect(founder.get_by_role("heading", level=1)).to_contain_text(options.name)
    shot(founder, "overview")
    slug = founder.url.rsplit("/", 1)[1]

    founder.get_by_role("link", name="Invite people").first.click()
    founder.get_by_label("E-mail addresses").fill(f"pat@{slug}.example, kim@{slug}.example, not-an-address")
    founder.get_by_label("Role").select_option("member")
    shot(founder, "invite")
    founder.get_by_role("button", name="Send invitations").click()
    expect(founder.get_by_role("heading", level=1)).to_contain_text("2 invitations of 3 sent")
    shot(founder, "invited")
    link = founder.locator("code, input").filter(has_text="/join?token=").first.text_content()

    guest = browser.new_context(**settings).new_page()
    guest.goto(link.strip())
    shot(guest, "join")
    guest.get_by_role("link", name="Create an account").click()
    guest.get_by_label("Name").fill("Pat Walker")
    guest.get_by_label("E-mail").fill(f"pat@{slug}.example")
    guest.get_by_label("Password", exact=True).fill("seven quiet boats at noon")
    shot(guest, "sign-up")
    guest.get_by_role("button", name="Create account").click()
    guest.get_by_role("button", name="Join as Pat Walker").click()
    expect(guest.locator("body")).to_contain_text(f"Welcome to {options.name}")
    shot(guest, "joined")

    founder.goto(f"{options.address}/{slug}/members")
    expect(founder.locator("body")).to_contain_text("Pat Walker")
    founder.get_by_label("Role of Pat Walker").click()
    picker = founder.get_by_role("combobox", name="Role of Pat Walker")
    picker.select_option("manager")
    if options.no_script:
        founder.locator("form", has=picker).get_by_role("button", name="Set").click()
    expect(founder.locator("body")).to_contain_text("Pat Walker is a manager now")
    shot(founder, "role-changed")

    founder.goto(f"{options.address}/{slug}/audit?verify=yes")
    expect(founder.locator("body")).to_contain_text("The chain is intact")
    expect(founder.locator("body")).to_contain_text("member.update")
    shot(founder, "audit")

    founder.goto(f"{options.address}/outbox")
    expect(founder.locator("body")).to_contain_text(f"pat@{slug}.example")
    shot(founder, "outbox")

    missing = founder.goto(f"{options.address}/{slug}-that-is-not-there")
    assert missing.status == 404, missing.status
    shot(founder, "missing")
    unexpected = [text for text in problems if "404" not in text and "422" not in text]
    assert not unexpected, unexpected


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])
    try:
        walk(browser)
    finally:
        browser.close()
print(f"walked through {taken} pages")
sys.exit(0)
