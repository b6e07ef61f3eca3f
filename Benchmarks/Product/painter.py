"""Opens a page in a browser again and again, and prints as JSON when its content was painted, how much moved, and what came over the wire for styles and scripts.

Runs in the environment of `Scripts/python`, which has the browser's driver: painter.py ADDRESS PATH SESSION ROUNDS
"""
import json
import sys

from playwright.sync_api import sync_playwright

ADDRESS, PATH, SESSION, ROUNDS = sys.argv[1:5]

WATCH = """
window.seen = { largest: 0, shift: 0 };
new PerformanceObserver((list) => { for (const entry of list.getEntries()) seen.largest = entry.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value; }).observe({ type: 'layout-shift', buffered: true });
"""

# What a person waits for: from the request of the page to the last paint of its largest content; its rows are all in the first answer.
READ = """async () => {
  await document.fonts.ready;
  await new Promise((go) => setTimeout(go, 300));
  const page = performance.getEntriesByType('navigation')[0];
  const [first] = performance.getEntriesByName('first-contentful-paint');
  const sent = performance.getEntriesByType('resource').filter((entry) => /\\.(css|js)$/.test(new URL(entry.name).pathname));
  return {
    first: first.startTime - page.requestStart, largest: seen.largest - page.requestStart, answered: page.responseEnd - page.requestStart, shift: seen.shift,
    page: page.encodedBodySize, files: sent.length, wire: sent.reduce((sum, entry) => sum + entry.transferSize, 0), rows: document.querySelectorAll('tbody tr').length,
  };
}"""


def look(page):
    page.goto(ADDRESS + PATH, wait_until="load")
    return page.evaluate(READ)


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])
    context = browser.new_context(viewport={"width": 1280, "height": 900}, service_workers="block")
    context.add_cookies([{"name": "guildhall", "value": SESSION, "url": ADDRESS}])
    context.add_init_script(WATCH)
    page = context.new_page()
    cold = look(page)
    warm = [look(page) for _ in range(int(ROUNDS))]
    browser.close()
print(json.dumps({"cold": cold, "warm": warm}))
