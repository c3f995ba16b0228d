/// Reads the text of a number that a scanner has found.
public enum JSONNumber {
    /// The integer that `text` spells out (`-?digits`, no fraction, no exponent), if it fits; otherwise nil. `-0` is
    /// nil, because only a `Double` can hold it.
    public static func integer(_ text: RawSpan) -> Int64? {
        unsafe text.withUnsafeBytes { unsafe integer($0) }
    }

    /// The nearest `Double`: infinity beyond its range, as in JavaScript. `text` must be a number of RFC 8259's
    /// grammar; NaN otherwise.
    public static func double(_ text: RawSpan) -> Double {
        unsafe text.withUnsafeBytes { unsafe double($0) }
    }

    static func integer(_ text: UnsafeRawBufferPointer) -> Int64? {
        let isNegative = unsafe text.first == 0x2D
        let digits = (isNegative ? 1 : 0)..<text.count
        guard !digits.isEmpty else { return nil }
        var magnitude: UInt64 = 0
        for index in digits {
            let byte = unsafe text[index]
            guard byte &- 0x30 < 10 else { return nil }
            let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(UInt64(byte &- 0x30))
            guard !overflowed, !carried else { return nil }
            magnitude = sum
        }
        guard isNegative else { return Int64(exactly: magnitude) }
        guard magnitude > 0, magnitude <= 1 << 63 else { return nil }
        return Int64(truncatingIfNeeded: 0 &- magnitude)
    }

    static func double(_ text: UnsafeRawBufferPointer) -> Double {
        if let whole = unsafe shortWhole(text) { return Double(whole) }
        if let exact = unsafe exactDouble(text) { return exact }
        return Double(unsafe String(decoding: text, as: UTF8.self)) ?? .nan
    }

    /// The value of up to 15 digits and nothing else: most numbers there are, times among them.
    @inline(__always)
    private static func shortWhole(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard unsafe !text.isEmpty, text.count <= 15,
            let base = unsafe text.baseAddress?.assumingMemoryBound(to: UInt8.self)
        else {
            return nil
        }
        var value: UInt64 = 0
        for index in 0..<text.count {
            let digit = unsafe base[index] &- 0x30
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }

    /// Powers of ten that a `Double` holds exactly.
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// The value when digits and power of ten are both exact, so that one correctly rounded operation gives the answer
    /// (Clinger 1990); nil when the standard library has to do it.
    private static func exactDouble(_ text: UnsafeRawBufferPointer) -> Double? {
        var index = unsafe text.first == 0x2D ? 1 : 0
        let isNegative = index == 1
        var (digits, digitCount, fraction, exponent) = (UInt64(0), 0, 0, 0)
        var isFraction = false
        while index < text.count {
            let byte = unsafe text[index]
            if byte == 0x2E {
                isFraction = true
            } else if byte &- 0x30 < 10 {
                digits = digits &* 10 &+ UInt64(byte &- 0x30)
                digitCount &+= 1
                if isFraction { fraction &+= 1 }
                guard digitCount < 19 else { return nil }
            } else {
                break
            }
            index &+= 1
        }
        if index < text.count {
            index &+= 1
            guard index < text.count else { return nil }
            let sign = unsafe text[index]
            if sign == 0x2B || sign == 0x2D { index &+= 1 }
            guard index < text.count, text.count &- index < 6 else { return nil }
            while index < text.count {
                exponent = exponent &* 10 &+ Int(unsafe text[index] &- 0x30)
                index &+= 1
            }
            if sign == 0x2D { exponent = -exponent }
        }
        let scale = exponent - fraction
        guard digitCount > 0, digits <= 1 << 53, scale >= -22, scale <= 22 else { return nil }
        let power = powersOfTen[abs(scale)]
        let magnitude = scale < 0 ? Double(digits) / power : Double(digits) * power
        return isNegative ? -magnitude : magnitude
    }
}
