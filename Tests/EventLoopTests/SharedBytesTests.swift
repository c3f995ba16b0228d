import EventLoop
import Testing

@Suite
struct SharedBytesTests {
    @Test("holds a copy of an array", arguments: [[], [1], Array(0..<200)] as [[UInt8]])
    func array(bytes: [UInt8]) {
        let shared = SharedBytes(bytes)
        #expect(shared.count == bytes.count)
        #expect(unsafe shared.withUnsafeBytes { unsafe Array($0) } == bytes)
    }

    @Test("holds what the initialiser wrote")
    func initializer() {
        let shared = unsafe SharedBytes(unsafeUninitializedCapacity: 10) { buffer in
            unsafe buffer[0] = 7
            unsafe buffer[1] = 8
            return 2
        }
        #expect(shared.count == 2)
        #expect(unsafe shared.withUnsafeBytes { unsafe Array($0) } == [7, 8])
    }

    @Test("refuses more than the capacity")
    func tooMany() async {
        await #expect(processExitsWith: .failure) {
            _ = unsafe SharedBytes(unsafeUninitializedCapacity: 1) { _ in 2 }
        }
    }
}
