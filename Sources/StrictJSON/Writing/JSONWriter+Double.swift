extension JSONWriter {
    /// Appends the shortest decimal that reads back as `double`, laid out like JavaScript's
    /// `Number.prototype.toString`: `1`, `0.000001`, `1e-7`, `1e+21`. Negative zero is written `0`, infinities and NaN
    /// `null`, as by `JSON.stringify`.
    public static func append(double: Double, to output: inout [UInt8]) {
        guard double.isFinite else {
            output.append(contentsOf: [0x6E, 0x75, 0x6C, 0x6C])
            return
        }
        // Whole numbers that an Int64 holds exactly need no shortest-digits search.
        if double.magnitude < 0x1p53, double.rounded(.towardZero) == double {
            append(integer: Int64(double), to: &output)
            return
        }
        if double < 0 { output.append(0x2D) }
        let (digits, point) = shortestDigits(double.magnitude)
        append(digits: digits, point: point, to: &output)
    }

    /// The shortest digits, without leading or trailing zeros, and the position of the decimal point before which
    /// they start: the value is 0.d₁d₂… × 10^point.
    private static func shortestDigits(_ magnitude: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        digits.reserveCapacity(17)
        var (point, exponent) = (0, 0)
        var (sawPoint, inExponent, isNegativeExponent) = (false, false, false)
        // The standard library finds the shortest digits; only its layout differs from JavaScript's.
        for byte in magnitude.description.utf8 {
            switch byte {
            case 0x2E: sawPoint = true
            case 0x65: inExponent = true
            case 0x2D: isNegativeExponent = true
            case 0x30...0x39 where inExponent: exponent = exponent * 10 + Int(byte - 0x30)
            case 0x30...0x39:
                if !digits.isEmpty || byte != 0x30 {
                    digits.append(byte)
                    if !sawPoint { point += 1 }
                } else if sawPoint {
                    point -= 1
                }
            default: break
            }
        }
        while digits.last == 0x30 { digits.removeLast() }
        return (digits, point + (isNegativeExponent ? -exponent : exponent))
    }

    /// ECMA-262 Number::toString, steps 6 to 10.
    private static func append(digits: [UInt8], point: Int, to output: inout [UInt8]) {
        let zeros: (Int) -> Repeated<UInt8> = { repeatElement(0x30, count: $0) }
        switch point {
        case digits.count...21:
            output.append(contentsOf: digits)
            output.append(contentsOf: zeros(point - digits.count))
        case 1...21:
            output.append(contentsOf: digits[..<point])
            output.append(0x2E)
            output.append(contentsOf: digits[point...])
        case -5...0:
            output.append(contentsOf: [0x30, 0x2E])
            output.append(contentsOf: zeros(-point))
            output.append(contentsOf: digits)
        default:
            output.append(digits[0])
            if digits.count > 1 {
                output.append(0x2E)
                output.append(contentsOf: digits[1...])
            }
            output.append(0x65)
            output.append(point > 0 ? 0x2B : 0x2D)
            append(integer: Int64(abs(point - 1)), to: &output)
        }
    }
}
