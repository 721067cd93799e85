"""One teacher a file; `openaffect.distill.teacher.TEACHERS` names them."""
