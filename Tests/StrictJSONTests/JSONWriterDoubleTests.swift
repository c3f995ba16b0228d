import StrictJSON
import Testing

@Suite struct JSONWriterDoubleTests {
    private func text(_ double: Double) -> String {
        var output: [UInt8] = []
        JSONWriter.append(double: double, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// What `JSON.stringify` gives.
    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (1.5, "1.5"), (-0.1, "-0.1"), (0.3, "0.3"), (100, "100"),
            (0.1 + 0.2, "0.30000000000000004"), (123.456, "123.456"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
            (1.5e21, "1.5e+21"), (-1e21, "-1e+21"), (123_456_789_012_345_683_968, "123456789012345680000"),
            (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
            (18_014_398_509_481_984, "18014398509481984"), (4_503_599_627_370_495.5, "4503599627370495.5"),
            (0.001, "0.001"),
            (0.000001, "0.000001"), (0.0000012, "0.0000012"), (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (-1e-7, "-1e-7"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"),
            (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (1_700_000_000.5, "1700000000.5"), (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)]
    )
    func isLaidOutLikeJavaScript(_ double: Double, _ expected: String) {
        #expect(text(double) == expected)
    }

    @Test func readsBackToTheBit() throws {
        var generator = SeededGenerator(seed: 9)
        for _ in 0..<5000 {
            let double = Double(bitPattern: generator.next())
            guard double.isFinite else { continue }
            let value = try JSONValue(parsing: text(double))
            // The sign of zero is not written, and only it is lost.
            #expect(value.doubleValue == double, "\(double)")
        }
    }

    @Test func isAValidNumberAtEveryMagnitude() throws {
        for exponent in -330...310 {
            let double = Double("1.7e\(exponent)")!
            let written = text(double)
            let range = try unsafe JSONScanner.validate(written.utf8.span.bytes)
            #expect(range == 0..<written.utf8.count)
        }
    }
}
