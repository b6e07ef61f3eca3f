/// An array of pages, so that a copy shares everything and a change copies one page and the way to it, however many there are.
///
/// Up to 64 pages stand in one array. More stand in three levels, each of which holds at most 64 of the next; only the topmost grows, by one for each
/// 4,096 pages.
struct Pages<Page: Sendable>: Sendable {
  private static var most: Int { 64 }

  fileprivate var few: ContiguousArray<Page> = []
  fileprivate var root: ContiguousArray<ContiguousArray<ContiguousArray<Page>>> = []
  private(set) var count = 0

  mutating func append(_ page: Page) {
    if count < Self.most {
      few.append(page)
    } else {
      if count == Self.most {
        root = [[few]]
        few = []
      }
      if count & 4095 == 0 { root.append([]) }
      if count & 63 == 0 { root[count >> 12].append([]) }
      root[count >> 12][count >> 6 & 63].append(page)
    }
    count += 1
  }

  subscript(_ index: Int) -> Page {
    @inline(__always) get { count <= Self.most ? few[index] : root[index >> 12][index >> 6 & 63][index & 63] }
    @inline(__always) _modify {
      if count <= Self.most { yield &few[index] } else { yield &root[index >> 12][index >> 6 & 63][index & 63] }
    }
  }

  fileprivate var areFew: Bool { count <= Self.most }

  /// Calls `body` for each page, in order.
  func forEach(_ body: (Page) -> Void) {
    for page in few { body(page) }
    for upper in root { for lower in upper { for page in lower { body(page) } } }
  }
}

/// An array that copies share, of values of one size: 64 in a page.
struct Column<Element: Sendable>: Sendable {
  private var pages = Pages<ContiguousArray<Element>>()
  private(set) var count = 0

  mutating func append(_ element: Element) {
    if count & 63 == 0 { pages.append([]) }
    pages[count >> 6].append(element)
    count += 1
  }

  mutating func removeLast() {
    count -= 1
    pages[count >> 6].removeLast()
    // An empty page stays for the next.
  }

  subscript(_ index: Int) -> Element {
    @inline(__always) get {
      if pages.areFew { return pages.few[index >> 6][index & 63] }
      return pages.root[index >> 18][index >> 12 & 63][index >> 6 & 63][index & 63]
    }
    @inline(__always) _modify { yield &pages[index >> 6][index & 63] }
  }

  var bytes: Int {
    var bytes = 0
    pages.forEach { bytes += $0.capacity * MemoryLayout<Element>.stride + Memory.header }
    return bytes
  }
}

/// What one allocation of an array takes beside its elements.
enum Memory {
  static let header = 48
}

/// Rows of integers of any length, 64 in a page; copies share all pages that neither has changed.
///
/// A page begins with where its rows begin, and where the last one ends; their words follow without gaps. So a row costs four bytes beside its
/// words, is read without chasing anything, and a change moves at most one page.
struct Rows: Sendable {
  private typealias Page = ContiguousArray<Int32>
  private var pages = Pages<Page>()
  private(set) var count = 0

  /// Adds a row and returns its number.
  @discardableResult
  mutating func append(_ words: some Collection<Int32>) -> Int32 {
    if count & 63 == 0 { pages.append(Page(repeating: 65, count: 65)) }
    count += 1
    let row = Int32(count - 1)
    replace(row, 0..<0, with: words)
    return row
  }

  /// Lends a row's words.
  @inline(__always)
  func with<Result>(_ row: Int32, _ body: (borrowing Span<Int32>) -> Result) -> Result {
    let slot = Int(row) & 63
    // Each way on its own: a page that comes from either would be counted as a reference, one that comes from one isn't.
    if pages.areFew {
      let page = pages.few[Int(row) >> 6]
      return body(page.span.extracting(Int(page[slot])..<Int(page[slot + 1])))
    }
    let page = pages.root[Int(row) >> 18][Int(row) >> 12 & 63][Int(row) >> 6 & 63]
    return body(page.span.extracting(Int(page[slot])..<Int(page[slot + 1])))
  }

  func word(_ row: Int32, _ place: Int) -> Int32 { with(row) { $0[place] } }
  func length(_ row: Int32) -> Int { with(row) { $0.count } }

  mutating func set(_ row: Int32, _ place: Int, _ word: Int32) {
    let index = Int(row) >> 6
    let start = Int(pages[index][Int(row) & 63])
    pages[index][start + place] = word
  }

  /// Puts other words in the place of some of a row's.
  mutating func replace(_ row: Int32, _ places: Range<Int>, with words: some Collection<Int32>) {
    Self.replace(&pages[Int(row) >> 6], Int(row) & 63, places, words)
  }

  private static func replace(_ page: inout Page, _ slot: Int, _ places: Range<Int>, _ words: some Collection<Int32>) {
    let start = Int(page[slot])
    let range = start + places.lowerBound..<start + places.upperBound
    let growth = words.count - places.count
    if page.count + growth > page.capacity {
      // Grown by little: pages are many, and most stay as they are.
      var grown = Page()
      grown.reserveCapacity(page.count + growth + (page.count + growth) / 32)
      grown += page[..<range.lowerBound]
      grown += words
      grown += page[range.upperBound...]
      page = grown
    } else {
      page.replaceSubrange(range, with: words)
    }
    guard growth != 0 else { return }
    var later = slot + 1
    while later <= 64 {
      page[later] += Int32(growth)
      later += 1
    }
  }

  /// The whole row, anew.
  mutating func replace(_ row: Int32, with words: some Collection<Int32>) { replace(row, 0..<length(row), with: words) }

  func words(_ row: Int32) -> [Int32] {
    with(row) { words in
      var result: [Int32] = []
      result.reserveCapacity(words.count)
      for place in words.indices { result.append(words[place]) }
      return result
    }
  }

  var bytes: Int {
    var bytes = 0
    pages.forEach { bytes += $0.capacity * 4 + Memory.header }
    return bytes
  }
}
