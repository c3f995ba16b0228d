import Testing

@testable import AsyngularClient

struct RandomSequenceTests {
    /// Issue: 1,000 random cut-offs against a model of the state machine.
    @Test(arguments: 0..<10)
    func `random lives follow the model`(block: UInt64) {
        for seed in (block * 100)..<(block * 100 + 100) {
            let sequence = RandomSequence(seed: seed)
            let faults = sequence.run(steps: 150)
            #expect(faults == [], "seed \(seed)")
            if !faults.isEmpty { return }
        }
    }
}
