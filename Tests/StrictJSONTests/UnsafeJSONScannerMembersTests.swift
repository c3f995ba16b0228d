import StrictJSON
import Testing

/// The walk over all members against the cursor, which is tested by itself.
@Suite struct UnsafeJSONScannerMembersTests {
    private func walked(_ bytes: [UInt8], depth: Int) -> Result<[JSONMember], JSONError> {
        var members: [JSONMember] = []
        do throws(JSONError) {
            try unsafe JSONScanner.scanning(bytes.span.bytes, maximumDepth: depth) { scanner throws(JSONError) in
                try unsafe scanner.eachMember { member throws(JSONError) in members.append(member) }
            }
            return .success(members)
        } catch {
            return .failure(error)
        }
    }

    private func iterated(_ bytes: [UInt8], depth: Int) -> Result<[JSONMember], JSONError> {
        var members: [JSONMember] = []
        var cursor = JSONMemberCursor(maximumDepth: depth)
        do throws(JSONError) {
            while let member = try cursor.next(in: unsafe bytes.span.bytes) { members.append(member) }
            return .success(members)
        } catch {
            return .failure(error)
        }
    }

    static let texts = [
        #"{}"#, #" { } "#, #"{"a":1}"#, #"{"a":1,"b":"x","c":[1,{"d":2}],"e":{"f":[]},"g":true,"h":null,"i":-1.5e3}"#,
        #" { "a" : "b\"c" , "d\u0041" : false } "#, #"{"a":1,}"#, #"{,}"#, #"{"a"}"#, #"{"a":}"#, #"{"a":1 "b":2}"#,
        #"{"a":1}x"#, #"[1]"#, #""a""#, #"1"#, #"x"#, #"{"a":01}"#, #"{"a":tru}"#, #"{"a":[1}"#, #"{"a":1"#, #"{"#, "",
        " ",
        #"{"a":[[[[1]]]]}"#,
    ]

    @Test(arguments: texts)
    func saysWhatTheCursorSays(_ text: String) {
        let bytes = Array(text.utf8)
        for depth in [0, 1, 2, 5, 128] {
            #expect(walked(bytes, depth: depth) == iterated(bytes, depth: depth), "depth \(depth)")
        }
        for end in bytes.indices {
            let cut = Array(bytes[..<end])
            #expect(walked(cut, depth: 128) == iterated(cut, depth: 128), "cut at \(end)")
        }
    }

    /// The walk ends with what the body throws.
    @Test func theBodyMayEndIt() {
        let bytes = Array(#"{"a":1,"b":2,"c":3}"#.utf8)
        var names: [String] = []
        #expect(throws: JSONError.duplicateMember(7)) {
            try unsafe JSONScanner.scanning(bytes.span.bytes) { scanner throws(JSONError) in
                try unsafe scanner.eachMember { member throws(JSONError) in
                    names.append(member.name.string(in: unsafe bytes.span.bytes))
                    if names.count == 2 { throw .duplicateMember(7) }
                }
            }
        }
        #expect(names == ["a", "b"])
    }
}
