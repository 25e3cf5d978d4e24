#include "yuyan_precision.h"

_Atomic bool yuyan_has_reduced_precision;
