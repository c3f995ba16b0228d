import Testing

/// The built server against peers written by others. One at a time: each test has the machine to itself as far as these
/// tests go, and several bound times or memory.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct Interop {}
