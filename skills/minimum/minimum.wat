;; The smallest skill that a host takes: whatever it is asked, its answer has no bytes.
;;
;; A memory with a maximum, the version, room for the question, and something to do. A question that does not fit where it
;; is told to go is never put there: the host abstains for it.
(module
  (memory (export "memory") 1 1)
  (func (export "hanse_skill_abi") (result i32) (i32.const 1))
  (func (export "hanse_input") (param i32) (result i32) (i32.const 1))
  (func (export "decide") (param i32 i32) (result i64) (i64.const 0)))
