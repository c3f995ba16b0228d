import AsyngularSupport
import Testing

@testable import Asyngular

@Suite("CallID")
struct CallIDTests {
    @Test(
        "gives back the bytes it was made of, however many",
        arguments: [
            "", "7", "1.0", "10000000", "1234567890123456", "12345678901234567", "1.000000000000000000000000000000",
        ]
    )
    func bytes(_ text: String) {
        let id = CallID(Array(text.utf8).rawBytes)
        var seen: [String] = []
        id.withBytes { seen.append(Bytes.string($0)) }
        #expect(seen == [text])
    }
}
