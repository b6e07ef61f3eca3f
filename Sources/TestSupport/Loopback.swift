import Foundation

/// A TCP connection to a server of the tests on this machine: bytes out, bytes in, with nothing in between that would mend them.
public final class Loopback {
  public enum Failure: Error, Equatable { case refused(Int32), closed(after: Int), broken(Int32), timedOut, noPort, noAnswer(String) }

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// `within` is how many seconds a read or write waits.
  public init(port: Int, within seconds: Double = 10) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var time = timeval(tv_sec: Int(seconds), tv_usec: Int((seconds - seconds.rounded(.down)) * 1_000_000))
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = Self.address(port: in_port_t(port))
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    // The object is whole by now: its end closes the descriptor. Closing it here too could hit one that another thread has just been given.
    guard connected == 0 else { throw Failure.refused(errno) }
  }

  deinit { close(descriptor) }

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure.broken(errno) }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more will be sent.
  public func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// One answer (RFC 9112), informational ones included.
  public func receive(toHead: Bool = false) throws -> HTTPExchange {
    var head = ""
    while true {
      let line = try readLine()
      if line.isEmpty { break }
      head += line + "\n"
    }
    var answer = try HTTPExchange(head: head)
    if answer.status < 200 || answer.status == 204 || answer.status == 304 || toHead { return answer }
    if answer["transfer-encoding"] == "chunked" {
      while let size = Int(try readLine(), radix: 16), size > 0 {
        answer.body += try read(size)
        _ = try readLine()
      }
      _ = try readLine()
    } else if let length = answer["content-length"].flatMap({ Int($0) }) {
      answer.body = try read(length)
    }
    return answer
  }

  /// Whether the other side ends the connection, in the time that a read waits, without sending more.
  public func isEnded() -> Bool {
    guard buffer.isEmpty else { return false }
    do {
      try fill()
      return false
    } catch {
      return error as? Failure != .timedOut
    }
  }

  private func readLine() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        let line = buffer[..<end].filter { $0 != 13 }
        buffer.removeFirst(end + 1)
        return String(decoding: line, as: UTF8.self)
      }
      try fill()
    }
  }

  private func read(_ count: Int) throws -> [UInt8] {
    while buffer.count < count { try fill() }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  private func fill() throws {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    if count < 0 { throw errno == EAGAIN ? Failure.timedOut : Failure.broken(errno) }
    if count == 0 { throw Failure.closed(after: buffer.count) }
    buffer += bytes[..<count]
  }

  /// A port that nobody listens on at this moment, below those that the system gives out by itself: it stays free while a server that had it is down.
  public static func freePort() throws -> Int {
    for _ in 0..<100 {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(descriptor) }
      let port = Int.random(in: 15_000..<32_000)
      var address = Self.address(port: in_port_t(port))
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
      if bound == 0 { return port }
    }
    throw Failure.noPort
  }

  private static func address(port: in_port_t) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    return address
  }
}
