/// The checksum of Ethernet, zip and PNG (ISO/IEC 3309): finds mistyped and cut texts, guards against nobody.
enum CRC32 {
  static func checksum(of content: some Sequence<UInt8>) -> UInt32 {
    ~content.reduce(0xFFFF_FFFF) { remainder, byte in table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8 }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { remainder, _ in remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
  }
}
