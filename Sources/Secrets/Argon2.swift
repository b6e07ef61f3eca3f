import CArgon2
import Foundation
import Kernel

/// The hash itself (RFC 9106), by the reference library in memory of large pages: small ones are given back to the system and faulted in anew for each hash, which
/// takes a seventh of its time.
enum Argon2 {
  /// The tag of a password, `length` bytes long.
  static func tag(of password: Password, salt: [UInt8], cost: Argon2Cost, length: Int) -> Result<[UInt8], Problem> {
    var (tag, secret, salt) = ([UInt8](repeating: 0, count: length), password.bytes, salt)
    let code = tag.withUnsafeMutableBufferPointer { tag in
      secret.withUnsafeMutableBufferPointer { secret in
        salt.withUnsafeMutableBufferPointer { salt in
          var context = argon2_context()
          (context.out, context.outlen) = (tag.baseAddress, UInt32(tag.count))
          (context.pwd, context.pwdlen) = (secret.baseAddress, UInt32(secret.count))
          (context.salt, context.saltlen) = (salt.baseAddress, UInt32(salt.count))
          (context.t_cost, context.m_cost, context.lanes, context.threads) = (cost.passes, cost.memory, cost.lanes, cost.lanes)
          context.version = ARGON2_VERSION_13.rawValue
          context.allocate_cbk = allocate
          context.free_cbk = deallocate
          return argon2id_ctx(&context)
        }
      }
    }
    guard code == ARGON2_OK.rawValue else { return .failure(problem(code)) }
    return .success(tag)
  }

  private static func problem(_ code: Int32) -> Problem {
    let cause = Argon2Failure(code: code, message: String(cString: argon2_error_message(code)))
    return code == ARGON2_MEMORY_ALLOCATION_ERROR.rawValue
      ? Problem(.unavailable, "There is no memory left to check a password; try again in a moment.", retryAfter: .seconds(5), cause: cause)
      : Problem(.defect, "A password could not be checked.", cause: cause)
  }
}

private struct Argon2Failure: Error {
  let code: Int32
  let message: String
}

/// A large page of Linux on x86-64, and of arm64 with pages of 4 KiB.
private let largePage = 2 << 20

private func isLarge(_ size: Int) -> Bool { size >= largePage }
private func rounded(_ size: Int) -> Int { (size + largePage - 1) & ~(largePage - 1) }

/// Answers an error for memory that isn't there.
private func allocate(_ memory: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ size: Int) -> Int32 {
  memory?.pointee = isLarge(size) ? largePages(rounded(size)) : malloc(size)?.assumingMemoryBound(to: UInt8.self)
  return memory?.pointee == nil ? ARGON2_MEMORY_ALLOCATION_ERROR.rawValue : ARGON2_OK.rawValue
}

private func deallocate(_ memory: UnsafeMutablePointer<UInt8>?, _ size: Int) {
  if isLarge(size) { munmap(memory, rounded(size)) } else { free(memory) }
}

/// Whole large pages; what is mapped before and behind them to find their bound is given back.
private func largePages(_ size: Int) -> UnsafeMutablePointer<UInt8>? {
  guard let mapped = mmap(nil, size + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), Int(bitPattern: mapped) != -1 else { return nil }
  let before = rounded(Int(bitPattern: mapped)) - Int(bitPattern: mapped)
  let start = mapped + before
  if before > 0 { munmap(mapped, before) }
  if before < largePage { munmap(start + size, largePage - before) }
  // Without large pages it is slower, and as good.
  _ = madvise(start, size, MADV_HUGEPAGE)
  return start.assumingMemoryBound(to: UInt8.self)
}
