/// How one thing compares with another that was measured alternately with it.
///
/// The ratio is taken within each round, where both met the same state of the machine, and only then the median: the
/// noise that moves whole rounds falls out.
public struct RatioSample: Sendable, Equatable, Codable {
    /// One ratio a round.
    public let ratios: Sample

    /// Pairs two series by their rounds.
    ///
    /// - Parameters:
    ///   - numerators: one figure a round; nil where the round failed.
    ///   - denominators: the same for what is compared with.
    public init(_ numerators: [Double?], over denominators: [Double?]) {
        var ratios = Sample()
        for case (let numerator?, let denominator?) in zip(numerators, denominators) where denominator != 0 {
            ratios.add(numerator / denominator)
        }
        self.ratios = ratios
    }

    /// The median of the rounds' ratios; nil if no round gave one.
    public var median: Double? { ratios.median }
}
