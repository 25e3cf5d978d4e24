import Foundation

/// ln Γ(x), x > 0.
func logarithmOfGamma(_ x: Double) -> Double {
    let (value, _): (Double, Int) = lgamma(x)
    return value
}

/// The probability that a chi-squared variable is at least `statistic`: Q(k/2, x/2). 1 without degrees of freedom.
package func chiSquaredProbability(reaching statistic: Double, degreesOfFreedom: Int) -> Double {
    if degreesOfFreedom == 0 || statistic <= 0 { return 1 }
    return upperIncompleteGamma(Double(degreesOfFreedom) / 2, statistic / 2)
}

/// Q(a, x) = 1/Γ(a) ∫ tᵃ⁻¹ e⁻ᵗ dt from x to ∞, for a, x > 0. Source: Abramowitz and Stegun, Handbook of mathematical functions
/// (1964), 6.5.29 and 6.5.31.
private func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
    let factor = exp(a * log(x) - x - logarithmOfGamma(a))
    if x < a + 1 {
        // P(a, x) = xᵃ e⁻ˣ / Γ(a) · Σ xᵏ / (a (a + 1) … (a + k))
        var (term, sum, k) = (1 / a, 1 / a, a)
        while term > sum * Double.ulpOfOne / 2 {
            k += 1
            term *= x / k
            sum += term
        }
        return max(0, 1 - factor * sum)
    }
    // Q(a, x) = xᵃ e⁻ˣ / Γ(a) · 1 / (x + 1 − a − 1 (1 − a) / (x + 3 − a − 2 (2 − a) / (x + 5 − a − …))), from the front by
    // Lentz's way (1976).
    let tiny = 1e-300
    var b = x + 1 - a
    var (c, d) = (1 / tiny, 1 / b)
    var fraction = d
    for k in 1...100_000 {
        let numerator = -Double(k) * (Double(k) - a)
        b += 2
        d = numerator * d + b
        c = b + numerator / c
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = abs(c) < tiny ? tiny : c
        fraction *= d * c
        if abs(d * c - 1) <= Double.ulpOfOne { break }
    }
    return factor * fraction
}
