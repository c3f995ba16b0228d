/// Texts in the manner of JSONTestSuite: what must be accepted (y), what must be refused (n), and what RFC 8259 leaves
/// open (i), with this library's answer written down so that a change shows.
enum JSONVectors {
    struct Text: Sendable, CustomStringConvertible {
        let name: String
        let bytes: [UInt8]

        init(_ text: String) {
            name = text
            bytes = Array(text.utf8)
        }

        /// A text with bytes that no string literal can hold.
        init(_ name: String, _ bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }

        var description: String { name }
    }

    struct Open: Sendable, CustomStringConvertible {
        let text: Text
        let isAccepted: Bool

        var description: String { text.name }
    }

    /// `["` + bytes + `"]`
    static func string(_ name: String, _ content: [UInt8]) -> Text {
        Text(name, [0x5B, 0x22] + content + [0x22, 0x5D])
    }

    static let accepted: [Text] = [
        // Arrays
        "[[]   ]", "[\"\"]", "[]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
        "[1,null,null,null,2]", "[2] ",
        // Numbers
        "[123e65]", "[0e+1]", "[0e1]", "[ 4]",
        "[-0.000000000000000000000000000000000000000000000000000000000000000000000000000001]", "[20e1]", "[-0]",
        "[-123]",
        "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]", "[123]", "[123.456789]",
        "0", "-0", "0.0", "-0e-0", "9007199254740993",
        // Objects
        #"{"asd":"sdf", "dfg":"fgh"}"#, #"{"asd":"sdf"}"#, #"{"a":"b","a":"c"}"#, #"{"a":"b","a":"b"}"#, "{}",
        #"{"":0}"#, #"{"foo\u0000bar": 42}"#, #"{ "min": -1.0e+28, "max": 1.0e+28 }"#,
        #"{"x":[{"id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}], "id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#,
        #"{"a":[]}"#, #"{"title":"\u041f\u043e\u043b\u0442\u043e\u0440\u0430"}"#, "{\n\"a\": \"b\"\n}",
        // Strings
        #"["\u0060\u012a\u12AB"]"#, #"["\uD801\udc37"]"#, #"["\ud83d\ude39\ud83d\udc8d"]"#, #"["\"\\\/\b\f\n\r\t"]"#,
        #"["\\u0000"]"#, #"["\""]"#, #"["a/*b*/c/*d//e"]"#, #"["\\a"]"#, #"["\\n"]"#, #"["\u0012"]"#, #"["\uFFFF"]"#,
        #"["asd"]"#, #"[ "asd"]"#, #"["\uDBFF\uDFFF"]"#, #"["new\u00A0line"]"#, "[\"\u{10FFFF}\"]", "[\"\u{FFFF}\"]",
        #"["\u0000"]"#, #"["\u002c"]"#, "[\"π\"]", "[\"\u{1BFFF}\"]", #"["asd "]"#, #"" ""#, #"["\uD834\uDd1e"]"#,
        #"["\u0821"]"#, #"["\u0123"]"#, "[\"\u{2028}\"]", "[\"\u{2029}\"]", #"["\u0061\u30af\u30EA\u30b9"]"#,
        "[\"new\u{7F}line\"]", #"["\uA66D"]"#, #"["\u005C"]"#, "[\"⍂㈴⍂\"]", #"["\u200B"]"#, #"["\u2064"]"#,
        #"["\uFDD0"]"#, #"["\u0022"]"#, "[\"€𝄞\"]", "[\"a\u{7F}a\"]", "[\"\u{E000}\"]",
        // Structures
        "false", "42", "-0.1", "null", #""asd""#, "true", #""""#, "[\"a\"]\n", "[true]", " [] ", "\t\r\n {}\r\n\t ",
    ].map { Text($0) }

    static let refused: [Text] =
        [
            // Arrays
            "[1 true]", #"["": 1]"#, #"[""],"#, "[,1]", "[1,,2]", #"["x",,]"#, #"["x"]]"#, #"["",]"#, #"["x""#, "[x",
            "[3[4]]", "[1:2]", "[,]", "[-]", #"[   , ""]"#, "[\"a\",\n4\n,1,", "[1,]", "[1,,]", "[\"\u{0B}a\"\\f]",
            "[*]",
            #"["""#, "[1,", "[1,\n1\n,1", "[{}", "[fals]", "[nul]", "[tru]", "[nulls]", "[trues]", "tRue", "[1}",
            "[1 2]",
            // Numbers
            "123\u{0}", "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]",
            "[0.1.2]",
            "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]",
            "[1 000.0]",
            "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]", "[１]", "[1+2]", "[0x1]", "[0x42]",
            "[Infinity]", "[0e+-1]", "[-123.123foo]", "[-Infinity]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[-1x]",
            "[1ea]", "[1.]", "[.123]", "[1.2a-3]", "[1.8011670033376514H-308]", "[012]", "-", "1.", "1e", "01", "00",
            // Objects
            #"["x", truth]"#, #"{[: "x"}"#, #"{"x", null}"#, #"{"x"::"b"}"#, "{🇨🇭}", #"{"a":"a" 123}"#,
            "{key: 'value'}", #"{"a" b}"#, #"{:"b"}"#, #"{"a" "b"}"#, #"{"a":"#, #"{"a""#, "{1:1}", "{9999E9999:1}",
            "{null:null,null:null}", #"{"id":0,,,,,}"#, "{'a':0}", #"{"id":0,}"#, #"{"a":"b"}/**/"#, #"{"a":"b"}/**//"#,
            #"{"a":"b"}//"#, #"{"a":"b"}/"#, #"{"a":"b",,"c":"d"}"#, #"{a: "b"}"#, #"{"a":"a"#,
            #"{ "foo" : "bar", "a" }"#, ##"{"a":"b"}#"##, #"{,"a":1}"#, #"{"a":1]"#, #"{"a":}"#, #"{"a"}"#,
            // Strings
            #"["\uD800\"]"#, #"["\uD800\u"]"#, #"["\uD800\u1"]"#, #"["\uD800\u1x"]"#, "[é]", "[\"\\\u{0}\"]",
            #"["\x00"]"#, #"["\\\"]"#, "[\"\\\t\"]", #"["\🌀"]"#, #"["\"]"#, #"["\u00A"]"#, #"["\uD834\uDd"]"#,
            #"["\uD800\uD800\x"]"#, #"["\a"]"#, #"["\uqqqq"]"#, #"[\u0020"asd"]"#, #"[\n]"#, "\"", "['single quote']",
            "abc", #"["\"#, "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", #""\UA66D""#, #"""x"#, #""\u+123""#,
            #""\u 123""#, "[\"\u{1F}\"]",
            // Structures
            " ", "[\u{2060}]", "\u{FEFF}", "<.>", "[<null>]", "[1]x", "[1]]", #"["asd]"#, "aå", "[True]", "1]",
            #"{"x": true,"#, "[][]", "]", "[", "", "[\u{0}]", "2@", "{}}", #"{"":"#, #"{"a":/*comment*/"b"}"#,
            #"{"a": true} "x""#, "['", "[,", "[{", #"["a"#, #"["a""#, "{", "{]", "{,", "{[", #"{"a"#, "{'a'",
            #"["\{["\{["\{["\{"#, "*", ##"{"a":"b"}#{}"##, #"[\u000A""]"#, "[1", "[ false, nul", "[ true, fals",
            "[ false, tru", #"{"asd":"asd""#, "å", "\u{2060}", "[\u{0C}]", "}", ",", ":", "\u{A0}1", "1\u{A0}",
        ].map { Text($0) } + [
            Text("[a\\xE5]", [0x5B, 0x61, 0xE5, 0x5D]),
            Text("[123\\xE5]", [0x5B, 0x31, 0x32, 0x33, 0xE5, 0x5D]),
            Text("[1e1\\xE5]", [0x5B, 0x31, 0x65, 0x31, 0xE5, 0x5D]),
            Text("[0\\xE5]", [0x5B, 0x30, 0xE5, 0x5D]),
            Text("[1e\\xE5]", [0x5B, 0x31, 0x65, 0xE5, 0x5D]),
            Text(#"{"\xB9":"0",}"#, [0x7B, 0x22, 0xB9, 0x22, 0x3A, 0x22, 0x30, 0x22, 0x2C, 0x7D]),
            Text("\\xEF\\xBB{}", [0xEF, 0xBB, 0x7B, 0x7D]),
            Text("\\xE5", [0xE5]),
            Text("\\xE9", [0xE9]),
            string(#"["\u\xE5"]"#, [0x5C, 0x75, 0xE5]),
            string(#"["\\xE5"]"#, [0x5C, 0xE5]),
            Text("100,000 × [", [UInt8](repeating: 0x5B, count: 100_000)),
            Text(#"50,000 × [{"":"#, (0..<50_000).flatMap { _ in Array(#"[{"":"#.utf8) }),
            Text("512 × [ balanced, at the default depth", nested(512)),
        ]

    static let open: [Open] =
        [
            // Numbers have no range.
            ("[123.456e-789]", true),
            ("[0.4e00669999999999999999999999999999999999999999999999999999969999999006]", true),
            ("[-1e+9999]", true), ("[1.5e+9999]", true), ("[-123123e100000]", true), ("[123123e100000]", true),
            ("[123e-10000000]", true), ("[-123123123123123123123123123123]", true),
            ("[100000000000000000000]", true), ("[-237462374673276894279832749832423479823246327846]", true),
            // Escaped surrogates without a partner are JSON, though no Unicode string.
            (#"{"\uDFAA":0}"#, true), (#"["\uDADA"]"#, true), (#"["\uD888\u1234"]"#, true), (#"["\uD800\n"]"#, true),
            (#"["\uDd1ea"]"#, true), (#"["\uD800\uD800\n"]"#, true), (#"["\ud800"]"#, true), (#"["\ud800abc"]"#, true),
            (#"["\uDd1e\uD834"]"#, true), (#"["\uDFAA"]"#, true),
            // A byte order mark is no blank.
            ("\u{FEFF}{}", false),
        ].map { Open(text: Text($0.0), isAccepted: $0.1) }
        + [
            // Bytes that are not UTF-8 are refused.
            string(#"["日ш\xFA"]"#, [0xE6, 0x97, 0xA5, 0xD1, 0x88, 0xFA]),
            string(#"["\xED\xA0\x80"]"#, [0xED, 0xA0, 0x80]),
            string(#"["\xFF"]"#, [0xFF]), string(#"["\xE9"]"#, [0xE9]), string(#"["\x81"]"#, [0x81]),
            string(#"["\xF4\xBF\xBF\xBF"]"#, [0xF4, 0xBF, 0xBF, 0xBF]), string(#"["\xC0\xAF"]"#, [0xC0, 0xAF]),
            string(#"["\xFC\x83\xBF\xBF\xBF\xBF"]"#, [0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF]),
            string(#"["\xFC\x80\x80\x80\x80\x80"]"#, [0xFC, 0x80, 0x80, 0x80, 0x80, 0x80]),
            string(#"["\xE0\xFF"]"#, [0xE0, 0xFF]),
            Text("UTF-16LE with BOM", [0xFF, 0xFE, 0x5B, 0, 0x22, 0, 0xE9, 0, 0x22, 0, 0x5D, 0]),
            Text("UTF-16BE", [0, 0x5B, 0, 0x22, 0, 0xE9, 0, 0x22, 0, 0x5D]),
            Text("UTF-16LE", [0x5B, 0, 0x22, 0, 0xE9, 0, 0x22, 0, 0x5D, 0]),
            Text("500 × [ balanced, at the default depth", nested(500)),
        ].map { Open(text: $0, isAccepted: false) }

    /// `depth` arrays, one inside the other.
    static func nested(_ depth: Int) -> [UInt8] {
        [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
}
