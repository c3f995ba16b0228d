import Testing

@testable import AsyngularSupport

@Suite("SecureRandom")
struct SecureRandomTests {
    @Test("As many bytes as asked for, and other ones each time")
    func bytes() {
        #expect(SecureRandom.bytes(0).isEmpty)
        for count in [1, 16, 1000] { #expect(SecureRandom.bytes(count).count == count) }
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
        #expect(Set(SecureRandom.bytes(4096)).count > 200)
    }
}
