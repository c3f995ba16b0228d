import Testing

@testable import JSONWebToken

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// RFC 4231, with keys shorter than, as long as and longer than a block, each computed twice over one context.
@Suite struct HMACContextTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let key: [UInt8]
        let data: [UInt8]
        let sha256: String
        let sha384: String
        let sha512: String
        var testDescription: String { name }
    }

    static let vectors = [
        Vector(
            name: "case 1",
            key: [UInt8](repeating: 0x0B, count: 20),
            data: Array("Hi There".utf8),
            sha256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            sha384: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
                + "faea9ea9076ede7f4af152e8b2fa9cb6",
            sha512: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
                + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        ),
        Vector(
            name: "case 2",
            key: Array("Jefe".utf8),
            data: Array("what do ya want for nothing?".utf8),
            sha256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            sha384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
                + "8e2240ca5e69e2c78b3239ecfab21649",
            sha512: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
        Vector(
            name: "case 6, a key longer than a block",
            key: [UInt8](repeating: 0xAA, count: 131),
            data: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            sha256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            sha384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
                + "0c2ef6ab4030fe8296248df163f44952",
            sha512: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
                + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        ),
    ]

    @Test(arguments: vectors)
    func rfc4231(_ vector: Vector) throws {
        for (digest, wanted) in [
            (MessageDigest.sha256, vector.sha256), (.sha384, vector.sha384), (.sha512, vector.sha512),
        ] {
            let context = try #require(
                unsafe vector.key.withUnsafeBytes { unsafe HMACContext(secret: $0, digest: digest) }
            )
            for _ in 0..<2 {
                let code = compute(context, vector.data)
                #expect(hexadecimal(code) == wanted)
                #expect(isValid(context, code, vector.data) == true)
                #expect(isValid(context, code.dropLast(), vector.data) == false)
                #expect(isValid(context, code + [0], vector.data) == false)
                #expect(isValid(context, [], vector.data) == false)
            }
        }
    }

    // MARK: A comparison that tells nothing by its time (RFC 8725 §3.2; references §5.3)

    /// Whether a 64-byte string was read to its end: its last 16 bytes lie on a page of their own, which the kernel makes
    /// when it is first read.
    private static func isReadToTheEnd(by compare: (RawSpan) throws -> Void) throws -> Bool {
        let page = sysconf(Int32(_SC_PAGESIZE))
        let mapping = unsafe mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        try #require(unsafe mapping != MAP_FAILED)
        let mapped = try unsafe #require(mapping)
        defer { unsafe munmap(mapped, 2 * page) }
        // Lest a first touch makes more than one page.
        try #require(unsafe madvise(mapped, 2 * page, MADV_NOHUGEPAGE) == 0)
        let start = unsafe mapped + page - 48
        unsafe UnsafeMutableRawBufferPointer(start: start, count: 48).initializeMemory(as: UInt8.self, repeating: 0x55)
        func isPresent() throws -> Bool {
            var state: UInt8 = 0
            try #require(unsafe mincore(mapped + page, page, &state) == 0)
            return state & 1 != 0
        }
        try #require(try !isPresent())
        try unsafe compare(RawSpan(_unsafeStart: start, byteCount: 64))
        return try isPresent()
    }

    /// A signature that is wrong from its first byte on is compared to its last one.
    @Test func comparisonReadsEveryByte() throws {
        let context = try #require(
            unsafe Array("key".utf8).withUnsafeBytes { unsafe HMACContext(secret: $0, digest: .sha512) }
        )
        let message = Array("message".utf8)
        try #require(compute(context, message)[0] != 0x55)
        let isWhole = try Self.isReadToTheEnd { signature in
            let isValid = unsafe signature.withUnsafeBytes { signature in
                unsafe message.withUnsafeBytes { unsafe context.isValid(signature: signature, over: $0) }
            }
            #expect(isValid == false)
        }
        #expect(isWhole)
        // What a comparison does that ends at the first difference.
        let other = [UInt8](repeating: 0, count: 64)
        let isHasty = try Self.isReadToTheEnd { signature in
            let isEqual = unsafe signature.withUnsafeBytes { unsafe zip($0, other).allSatisfy { $0 == $1 } }
            #expect(!isEqual)
        }
        #expect(!isHasty)
    }

    private func compute(_ context: HMACContext, _ message: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: context.length)
        let isDone = unsafe code.withUnsafeMutableBufferPointer { output in
            unsafe message.withUnsafeBytes { unsafe context.authenticate($0, into: output.baseAddress!) }
        }
        return isDone ? code : []
    }

    private func isValid(_ context: HMACContext, _ code: [UInt8], _ message: [UInt8]) -> Bool? {
        unsafe code.withUnsafeBytes { code in
            unsafe message.withUnsafeBytes { unsafe context.isValid(signature: code, over: $0) }
        }
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
