import Foundation

/// The share of the paths from (0, 0) to (n, m) in unit steps to the right or up that reach |x·m − y·n| ≥ `distance`.
///
/// S(x, y), the share of those to (x, y), is 1 from there on, and else x/(x + y) · S(x − 1, y) + y/(x + y) · S(x, y − 1),
/// because so many of the paths come from the left and from below. All terms are positive: small results are exact, too.
package func smirnovProbability(_ n: Int, _ m: Int, reaching distance: Int) -> Double {
    if distance <= 0 { return 1 }
    var shares = [Double](repeating: 1, count: m + 1)  // S(x, ·)
    var lower = 0
    for x in 0...n {
        // The y that are inside: |x·m − y·n| < distance. Those above are 1 still, those below are set to it once.
        let first = max(0, (x * m - distance) / n + (x * m >= distance ? 1 : 0))
        let last = min(m, (x * m + distance - 1) / n)
        while lower < first {
            shares[lower] = 1
            lower += 1
        }
        guard first <= last else { continue }
        for y in first...last {
            if y == 0 {
                if x == 0 { shares[0] = 0 }  // else S(x, 0) = S(x − 1, 0)
            } else if x == 0 {
                shares[y] = shares[y - 1]
            } else {
                shares[y] = (Double(x) * shares[y] + Double(y) * shares[y - 1]) / Double(x + y)
            }
        }
    }
    return shares[m]
}

/// The probability that D of a sample of `count` values against their own distribution is at least `distance`: the limit
/// of two samples with n·m/(n + m) = count.
///
/// Source: Simard and L'Ecuyer, Computing the two-sided Kolmogorov–Smirnov distribution (2011).
package func kolmogorovProbability(count: Double, reaching distance: Double) -> Double {
    if distance <= 0 { return 1 }
    if distance >= 1 { return 0 }
    // From there on the two sides are never reached both, to 1e-10.
    let isTail = count * distance * distance >= 2.2
    return isTail
        ? min(1, 2 * oneSidedProbability(count: count, reaching: distance))
        : min(1, max(0, 1 - expandedDistribution(count: count, at: distance)))
}

/// P(max (F − G) ≥ d) = d Σⱼ C(n, j) (d + j/n)ʲ⁻¹ (1 − d − j/n)ⁿ⁻ʲ, j = 0 … ⌊n (1 − d)⌋. Source: Birnbaum and Tingey, One-sided
/// confidence contours for probability distribution functions (1951).
private func oneSidedProbability(count n: Double, reaching d: Double) -> Double {
    var sum = 0.0
    for index in 0...Int(n * (1 - d)) {
        let j = Double(index)
        let rest = 1 - d - j / n
        if rest <= 0 { continue }
        let choices = logarithmOfGamma(n + 1) - logarithmOfGamma(j + 1) - logarithmOfGamma(n - j + 1)
        sum += exp(choices + (j - 1) * log(d + j / n) + (n - j) * log(rest))
    }
    return d * sum
}

/// P(D ≤ d) with terms up to n^(−3/2). Source: Pelz and Good, Approximating the lower tail areas of the
/// Kolmogorov–Smirnov one-sample statistic (1976).
private func expandedDistribution(count n: Double, at d: Double) -> Double {
    let z = n.squareRoot() * d
    let z2 = z * z
    let (z4, z6, z8) = (z2 * z2, z2 * z2 * z2, z2 * z2 * z2 * z2)
    var sums = (0.0, 0.0, 0.0, 0.0)
    // Over all whole k, of both signs: k + ½ comes twice, and so does each k but 0, which adds nothing.
    for k in 0..<max(20, Int(10 * z)) {
        let half = Double.pi * (Double(k) + 0.5)
        let a = half * half
        let weight = 2 * exp(-a / (2 * z2))
        sums.0 += weight
        sums.1 += weight * (a - z2)
        sums.2 += weight * (6 * z6 + 2 * z4 + a * (2 * z4 - 5 * z2) + a * a * (1 - 2 * z2))
        let cubic = a * a * a * (5 - 30 * z2) + a * a * (212 * z4 - 60 * z2)
        sums.3 += weight * (cubic + a * (135 * z4 - 96 * z6) - 30 * z6 - 90 * z8)
        let b = Double.pi * Double.pi * Double(k * k)
        let other = 2 * exp(-b / (2 * z2))
        sums.2 -= other * 2 * z4 * b
        sums.3 += other * 30 * z4 * (3 * b * z2 - b * b)
    }
    let root = (Double.pi / 2).squareRoot()
    let terms = [
        sums.0 / z, sums.1 / (6 * z4), sums.2 / (72 * z4 * z2 * z), sums.3 / (6480 * z8 * z2),
    ]
    var result = 0.0
    for (power, term) in terms.enumerated() { result += root * term / pow(n, Double(power) / 2) }
    return result
}
