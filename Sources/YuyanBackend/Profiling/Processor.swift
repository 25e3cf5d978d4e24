import YuyanKernels

/// What the loops of the `cpu` device make of the processor.
package enum Processor {
    /// The instructions that they use: `AVX-512`, `AVX2` or `baseline`.
    package static var instructionsInUse: String { String(cString: yuyan_instruction_set()) }

    /// Variables of the environment that limit the instructions, those of oneDNN.
    package static let limitingVariables = ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"]
}
