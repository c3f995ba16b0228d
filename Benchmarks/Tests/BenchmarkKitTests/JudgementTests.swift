import BenchmarkKit
import Testing

struct JudgementTests {
    private func result(_ change: (inout RunResult) -> Void) -> RunResult {
        var result = RunResult()
        result.seconds = 2
        result.operations = 1000
        result.clientCPU = 0.5
        result.serverCPU = 1.9
        change(&result)
        return result
    }

    @Test func aGoodRunHasNoWarning() {
        #expect(Judgement.warnings(result { _ in }) == [])
    }

    @Test func theClientIsTheBottleneckIfItIsBusyAndTheServerIsNot() {
        let slow = result {
            $0.clientCPU = 1.95
            $0.serverCPU = 1
        }
        #expect(Judgement.warnings(slow).count == 1)
        #expect(Judgement.warnings(slow, clientProcessors: 2) == [])
        #expect(Judgement.warnings(result { $0.clientCPU = 1.95 }) == [])
        #expect(
            Judgement.warnings(
                result {
                    $0.clientCPU = 1.95
                    $0.serverCPU = nil
                }
            ).count == 1
        )
    }

    @Test func aRateThatWasNotReached() {
        #expect(Judgement.warnings(result { $0.extra["rate asked for"] = 510 }) == [])
        #expect(Judgement.warnings(result { $0.extra["rate asked for"] = 1000 }).first?.contains("50 %") == true)
    }

    @Test func noise() {
        #expect(Judgement.warnings(result { $0.steal = 0.03 }).first?.contains("hypervisor") == true)
        #expect(Judgement.warnings(result { $0.others = 0.2 }).first?.contains("other processes") == true)
        #expect(Judgement.warnings(result { $0.errors = 3 }) == ["3 errors"])
        #expect(Judgement.warnings(Sample([1, 2])).count == 1)
        #expect(Judgement.warnings(Sample([10, 11])) == [])
    }

    @Test func derivedFigures() {
        let run = result { _ in }
        #expect(run.rate == 500)
        #expect(run.serverMicroseconds == 1900)
        #expect(abs((run.perServerSecond ?? 0) - 526.3) < 0.1)
        #expect(run.clientMicroseconds == 500)
        #expect(result { $0.serverCPU = nil }.perServerSecond == nil)
        #expect(RunResult().rate == 0)
    }
}
