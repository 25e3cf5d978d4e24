import YuyanKernels

/// What the loops of the `cpu` device make of the processor.
package enum Processor {
    /// The instructions that they use: `AVX-512`, `AVX2` or `baseline`.
    package static var instructionsInUse: String { String(cString: yuyan_instruction_set()) }

    /// Variables of the environment that limit the instructions of oneDNN and of our loops; the first that is set counts.
    package static let limitingVariables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"]

    /// The value of that variable if it names no instructions; nothing is limited then.
    package static var unknownLimit: String? {
        yuyan_instruction_limit_is_known() ? nil : yuyan_instruction_limit().map { String(cString: $0) }
    }
}

extension Device {
    /// Whether the `cpu` device multiplies bfloat16 by instructions of the processor, which are AVX-512 with BF16. Elsewhere
    /// its products and convolutions compute in float32 and round their results.
    package static var multipliesBFloat16: Bool { yuyan_multiplies_bfloat16() }
}
