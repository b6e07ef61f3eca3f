internal import Markup

/// The mark of the product: a hall with a stepped gable, a round window and an arched door.
func mark(pixels: Int = 24) -> HTML {
  svg(viewBox: (0, 0, 24, 24), .class("mark"), .width(pixels), .height(pixels), .aria("hidden", true), .fill("currentColor"), .fillRule("evenodd")) {
    path("M2 22V13.5h3V9.5h3V5.5h2.5V2h3v3.5H16v4h3v4h3V22h-7v-4a3 3 0 0 0-6 0v4ZM12 12.25a1.75 1.75 0 1 0 0-3.5 1.75 1.75 0 0 0 0 3.5Z")
  }
}
