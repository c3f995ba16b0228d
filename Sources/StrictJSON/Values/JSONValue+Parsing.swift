extension JSONValue {
    /// Decodes the one JSON value in `bytes`, between optional blanks.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8; it is checked.
    ///   - maximumDepth: How many containers may be open at once; 128 by default, at most ``JSONNesting/ceiling``.
    ///   - duplicates: What to do with a name used twice in an object; by default the last value wins.
    /// - Throws: ``JSONError``.
    public init(
        parsing bytes: RawSpan,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        duplicates: JSONDuplicates = .lastWins
    ) throws(JSONError) {
        if let fault = UTF8Check.firstInvalidOffset(in: bytes) { throw .invalidUTF8(fault) }
        self = try unsafe JSONScanner.scanning(bytes, maximumDepth: maximumDepth) {
            (scanner) throws(JSONError) -> JSONValue in
            var parser = JSONTreeParser(duplicates: duplicates)
            return try unsafe parser.parse(scanner)
        }
    }

    /// Decodes the one JSON value in `bytes`. See ``init(parsing:maximumDepth:duplicates:)-(RawSpan,_,_)``.
    public init(
        parsing bytes: [UInt8],
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        duplicates: JSONDuplicates = .lastWins
    ) throws(JSONError) {
        try unsafe self.init(parsing: bytes.span.bytes, maximumDepth: maximumDepth, duplicates: duplicates)
    }

    /// Decodes the one JSON value in `text`. See ``init(parsing:maximumDepth:duplicates:)-(RawSpan,_,_)``.
    public init(
        parsing text: String,
        maximumDepth: Int = JSONScanner.defaultMaximumDepth,
        duplicates: JSONDuplicates = .lastWins
    ) throws(JSONError) {
        try unsafe self.init(parsing: text.utf8.span.bytes, maximumDepth: maximumDepth, duplicates: duplicates)
    }
}
