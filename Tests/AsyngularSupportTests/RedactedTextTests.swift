import Testing

@testable import AsyngularSupport

@Suite("RedactedText")
struct RedactedTextTests {
    struct Holder {
        var secret = RedactedText(text: "hunter2")
    }

    @Test("Neither print nor dump shows it")
    func hidden() {
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in ["\(Holder())", String(reflecting: Holder()), "\(RedactedText(text: "hunter2"))", dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("redacted") || text.contains("RedactedText"))
        }
        #expect(RedactedText().description == "nil")
        #expect(RedactedText(text: "hunter2").text == "hunter2")
    }
}
