import Kernel
import Synchronization
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file that is written beside its place and put there whole: whoever reads it sees the old content or the new one, never a part.
struct ReplacedFile: ~Copyable {
  private static let unfinished = Mutex<Set<String>>([])

  let path: String
  private let draft: String
  private let descriptor: Int32
  private let mode: mode_t

  /// Begins to write. A symbolic link is followed, and what it leads to is replaced.
  init(_ path: String, mode: mode_t) throws(Problem) {
    let target = Self.resolved(path)
    self.path = path
    self.mode = mode
    draft = "\(target).\(getpid())-\(UInt32.random(in: 0 ... .max)).part"
    descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw PlainFile.problem("\(path) can't be written", errno) }
    Self.unfinished.withLock { [draft] in _ = $0.insert(draft) }
  }

  borrowing func write(_ bytes: [UInt8]) throws(Problem) {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 { written += count } else if errno != EINTR { throw PlainFile.problem("\(path) can't be written", errno) }
    }
  }

  /// Puts the file in its place, once it is safely stored.
  consuming func finish() throws(Problem) {
    guard fsync(descriptor) == 0, fchmod(descriptor, mode) == 0, rename(draft, Self.resolved(path)) == 0 else { throw PlainFile.problem("\(path) can't be written", errno) }
    Self.unfinished.withLock { [draft] in _ = $0.remove(draft) }
  }

  deinit {
    close(descriptor)
    if Self.unfinished.withLock({ [draft] in $0.remove(draft) }) != nil { unlink(draft) }
  }

  /// Removes what is half written, when the process ends before its time.
  static func abandonAll() {
    unfinished.withLock { drafts in
      for draft in drafts { unlink(draft) }
      drafts = []
    }
  }

  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}

private func systemWrite(_ descriptor: Int32, _ start: UnsafeRawPointer?, _ count: Int) -> Int { write(descriptor, start, count) }

/// Reading files, with sentences for what goes wrong.
enum PlainFile {
  /// `nil` where there is none.
  static func read(_ path: String, limit: Int = 1 << 20) throws(Problem) -> (bytes: [UInt8], mode: mode_t)? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw problem("\(path) can't be read", errno)
    }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw problem("\(path) can't be read", errno) }
    guard facts.st_mode & S_IFMT != S_IFDIR else { throw Problem(.unusableFile, "\(path) is a folder, where a file is expected.") }
    var bytes: [UInt8] = []
    try eachChunk(of: file, path) { chunk throws(Problem) in
      bytes += chunk
      guard bytes.count <= limit else { throw Problem(.unusableFile, "\(path) is longer than \(limit >> 10) KB, which can't be right.") }
    }
    return (bytes, facts.st_mode & 0o7777)
  }

  /// Gives the lines of a file without their ends, one after the other, however long it is.
  static func eachLine(of path: String, _ body: ([UInt8]) throws(Problem) -> Void) throws(Problem) {
    let file = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw errno == ENOENT ? Problem(.unusableFile, "There is no file \(path).") : problem("\(path) can't be read", errno) }
    defer { if file != STDIN_FILENO { close(file) } }
    var line: [UInt8] = []
    try eachChunk(of: file, path) { chunk throws(Problem) in
      for byte in chunk {
        if byte == UInt8(ascii: "\n") {
          try body(line)
          line.removeAll(keepingCapacity: true)
        } else {
          line.append(byte)
        }
      }
      guard line.count <= 16 << 20 else { throw Problem(.unusableFile, "\(path) has a line of more than 16 MB, which can't be right.") }
    }
    if !line.isEmpty { try body(line) }
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a folder and those above it, open to nobody else.
  static func makeFolder(_ path: String) throws(Problem) {
    guard !path.isEmpty, !exists(path) else { return }
    try makeFolder(parent(of: path))
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw problem("The folder \(path) can't be made", errno) }
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[..<slash])
  }

  /// Holds a lock for as long as `body` runs, so that two processes don't overwrite each other's changes.
  static func locked<Result>(_ path: String, _ body: () throws(Problem) -> Result) throws(Problem) -> Result {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw problem("\(path) can't be written", errno) }
    defer { close(file) }
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw problem("\(path) can't be locked", errno) }
    }
    return try body()
  }

  fileprivate static func problem(_ what: String, _ number: Int32) -> Problem { Problem(.unusableFile, "\(what): \(SystemFailure.reason(number)).") }

  private static func eachChunk(of file: Int32, _ path: String, _ body: (ArraySlice<UInt8>) throws(Problem) -> Void) throws(Problem) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = systemRead(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw problem("\(path) can't be read", errno) }
      guard count > 0 else { return }
      try body(chunk[..<count])
    }
  }
}

private func systemRead(_ descriptor: Int32, _ start: UnsafeMutableRawPointer, _ count: Int) -> Int { read(descriptor, start, count) }
