import StrictJSON
import Testing

@Suite struct JSONNumberTests {
    static let integers: [(String, Int64?)] = [
        ("0", 0), ("1", 1), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ("9223372036854775808", nil), ("-9223372036854775809", nil), ("18446744073709551616", nil),
        ("99999999999999999999999", nil), ("1.0", nil), ("1e3", nil), ("-0", nil), ("", nil), ("-", nil), ("1a", nil),
    ]

    @Test(arguments: integers)
    func readsIntegers(_ text: String, _ value: Int64?) {
        #expect(unsafe JSONNumber.integer(text.utf8.span.bytes) == value)
    }

    @Test(arguments: [
        "0", "-0", "1", "0.1", "-0.1", "123.456", "1e22", "1e23", "1E-22", "1e-23", "9007199254740991",
        "9007199254740992", "9007199254740993", "9007199254740993.5", "0.30000000000000004", "2.2250738585072014e-308",
        "5e-324", "4.9e-324", "2e-324", "1.7976931348623157e308", "1.7976931348623159e308", "1e400", "-1e400", "1e-400",
        "123456789012345678901234567890", "0.000000000000000000000000000000000001", "1e00022", "1e+0", "0e99999",
        "1e99999",
        "100000000000000000000000", "3.141592653589793238462643383279",
    ])
    func readsTheNearestDouble(_ text: String) throws {
        // The standard library rounds correctly; both must agree to the bit, the sign of zero included.
        let expected = try #require(Double(text))
        #expect(unsafe JSONNumber.double(text.utf8.span.bytes).bitPattern == expected.bitPattern)
    }

    @Test func agreesOnRandomNumbers() throws {
        var random = RandomJSON(seed: 8)
        for _ in 0..<5000 {
            let fraction = random.below(2) == 0 ? "" : ".\(random.below(1_000_000))"
            let exponent = random.below(2) == 0 ? "" : "e\(random.below(60) - 30)"
            let text = "\(random.below(1 << 55))\(fraction)\(exponent)"
            let expected = try #require(Double(text))
            #expect(unsafe JSONNumber.double(text.utf8.span.bytes).bitPattern == expected.bitPattern, "\(text)")
        }
    }

    @Test func makesNaNOfAnythingElse() {
        for text in ["", "-", "abc", "1e", "1e+"] {
            #expect(unsafe JSONNumber.double(text.utf8.span.bytes).isNaN)
        }
    }
}
